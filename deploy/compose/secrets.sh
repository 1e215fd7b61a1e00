#!/bin/sh
# Creates the secrets of compose.yaml, once: deploy/compose/secrets.sh [FOLDER]
# Containers read the files with user ids of their own, so the files are readable by all. The folder
# is closed to other users of this machine.
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
