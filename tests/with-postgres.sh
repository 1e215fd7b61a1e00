#!/bin/sh
# Runs a command with a PostgreSQL server of its own, which keeps its data in data/postgres and ends
# with it: tests/with-postgres.sh COMMAND...
set -eu
bin=$("$(dirname "$0")/install-server.sh" postgres)
PATH="$PATH${bin:+:$bin}"
data="$PWD/data/postgres"

# It does not run as root.
as=
[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
mkdir -p "$data"
[ -z "$as" ] || chown 65534:65534 "$data"
if ! $as test -w "$data"; then
    echo "PostgreSQL does not run as root, and no other user has access to $data:" >&2
    echo "please run this as another user, or set SIGNET_DATABASE_URL to a server of yours." >&2
    exit 1
fi
chmod 700 "$data"
[ -e "$data/PG_VERSION" ] || (cd / && $as initdb -D "$data" -U signet -E UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=reject >/dev/null)

# The name of a socket must be short, whatever this folder is called.
place=$(mktemp -d)
[ -z "$as" ] || chown 65534:65534 "$place"
server=
ended() {
    [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$place"
}
trap ended EXIT

# In a session of its own, where Ctrl-C does not reach it.
(cd / && exec setsid $as postgres -D "$data" -k "$place" -c listen_addresses= \
    >"$place/log" 2>&1) &
server=$!
until grep -q 'ready to accept connections' "$place/log" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$place/log" >&2 && exit 1; }
    sleep 0.05
done

export SIGNET_DATABASE_URL="postgres:///postgres?host=$place&user=signet"
echo "For commands with --offline, type: export SIGNET_DATABASE_URL='$SIGNET_DATABASE_URL'"
"$@" &
child=$!
# Ctrl-C reaches the command by itself; it ends in its own time, and until then needs its server.
trap : INT
trap 'kill -TERM "$child"' TERM
status=0
while kill -0 "$child" 2>/dev/null; do wait "$child" && status=0 || status=$?; done
exit "$status"
