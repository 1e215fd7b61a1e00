#!/bin/sh
# Makes the secrets that compose.yaml names, once: deploy/compose/secrets.sh [FOLDER]
# The containers read the files as accounts that this machine does not have, so the files are open;
# the folder around them is closed to everybody else here.
set -eu
folder=${1:-$(dirname "$0")/secrets}
[ ! -e "$folder" ] || exit 0

new="$folder.new"
rm -rf "$new"
mkdir -m 700 "$new"
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
postgres=$(random)
redis=$(random)
printf '%s\n' "$postgres" >"$new/postgres_password"
printf 'requirepass %s\n' "$redis" >"$new/redis.conf"
random >"$new/keys_passphrase"
cat >"$new/signet.toml" <<END
database_url = "postgres://signet:$postgres@postgres:5432/signet"
redis_url = "redis://default:$redis@redis:6379/0"
END
chmod 444 "$new"/*
mv "$new" "$folder"
