#!/bin/sh
# Runs a command with a redis-server of its own, which keeps its data in data/redis and ends with
# it: tests/with-redis.sh COMMAND...
set -eu
bin=$("$(dirname "$0")/install-server.sh" redis)
PATH="$PATH${bin:+:$bin}"

mkdir -p data/redis
# The server inherits the lock, so no other server writes there while it runs.
exec 9>data/redis/lock
flock -n 9 || { echo "A redis-server already works in data/redis." >&2; exit 1; }

# The name of a socket must be short, whatever this folder is called.
place=$(mktemp -d)
ended() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    # Gone when it has let go of the lock.
    exec 9>&-
    flock -w 5 data/redis/lock true || true
    rm -rf "$place"
}
trap ended EXIT

# In a session of its own, where Ctrl-C does not reach it.
setsid redis-server --port 0 --unixsocket "$place/redis.sock" --unixsocketperm 700 \
    --dir "$PWD/data/redis" --appendonly yes --appendfsync everysec --save '' \
    --maxmemory-policy noeviction --logfile "$PWD/data/redis/log" >/dev/null &
server=$!
until redis-cli -s "$place/redis.sock" ping 2>/dev/null | grep -q PONG; do
    kill -0 "$server" 2>/dev/null || { tail data/redis/log >&2 && exit 1; }
    sleep 0.05
done

export SIGNET_REDIS_URL="unix://$place/redis.sock"
echo "For commands with --offline, type: export SIGNET_REDIS_URL='$SIGNET_REDIS_URL'"
"$@" 9>&- &
child=$!
# Ctrl-C reaches the command by itself; it ends in its own time, and until then needs its server.
trap : INT
trap 'kill -TERM "$child"' TERM
status=0
while kill -0 "$child" 2>/dev/null; do wait "$child" && status=0 || status=$?; done
exit "$status"
