#!/bin/sh
# Writes the public keys of Signet to where openidc.conf reads them: update-keys.sh FOLDER [COMMAND...]
# COMMAND reloads Apache, and runs only when something has changed, but not the first time, when
# Apache cannot run yet. Run it where the keys folder can be read: every hour by cron or a timer,
# and at once after `signet keys revoke`.
set -eu
folder=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
signet keys export >"$work/jwks.json"
name=$(sha256sum "$work/jwks.json" | cut -c 1-16)
[ "$(readlink "$folder/current" 2>/dev/null)" != "$name" ] || exit 0

new="$folder/$name"
rm -rf "$new"
mkdir -p "$new"
for kid in $(grep -o '"kid":"[A-Za-z0-9_-]*"' "$work/jwks.json" | cut -d '"' -f 4); do
    signet keys export --kid "$kid" --pem >"$new/$kid.pem"
    echo "OIDCOAuthVerifyCertFiles $kid#$new/$kid.pem" >>"$new/keys.conf"
done
[ -s "$new/keys.conf" ]

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
    echo "Apache did not take the new keys" >&2
    exit 1
fi
rm -rf "${folder:?}/$previous"
