#!/bin/sh
# Writes the public keys of Signet to where HAProxy reads them: update-keys.sh FOLDER [COMMAND...]
# COMMAND reloads HAProxy, and runs only when something has changed, but not the first time, when
# HAProxy cannot run yet. Run it where the keys folder can be read: every hour by cron or a timer,
# and at once after `signet keys revoke`.
set -eu
folder=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
signet keys export >"$work/jwks.json"
name=$(sha256sum "$work/jwks.json" | cut -c 1-16)
[ "$(readlink "$folder/current" 2>/dev/null)" != "$name" ] || exit 0

# haproxy.cfg has this many places; HAProxy would refuse the tokens of one more key.
places=6
new="$folder/$name"
rm -rf "$new"
mkdir -p "$new"
place=0
for kid in $(grep -o '"kid":"[A-Za-z0-9_-]*"' "$work/jwks.json" | cut -d '"' -f 4); do
    place=$((place + 1))
    [ "$place" -le "$places" ] || { echo "more than $places keys: add places to haproxy.cfg" >&2 && exit 1; }
    signet keys export --kid "$kid" --pem >"$new/$place.pem"
    echo "$kid $place" >>"$new/places.map"
done
[ "$place" -gt 0 ]
# HAProxy wants every file that it is told of.
while [ "$place" -lt "$places" ]; do
    place=$((place + 1))
    cp "$new/1.pem" "$new/$place.pem"
done

# All of it at once, so that a reload begins with the old keys or the new ones.
point_to() {
    ln -s "$1" "$folder/.current.$$"
    mv -T "$folder/.current.$$" "$folder/current"
}
previous=$(readlink "$folder/current" || true)
point_to "$name"
[ -n "$previous" ] || exit 0
if [ $# -gt 0 ] && ! "$@"; then
    # The next run tries again.
    point_to "$previous"
    echo "HAProxy did not take the new keys" >&2
    exit 1
fi
rm -rf "${folder:?}/$previous"
