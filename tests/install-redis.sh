#!/bin/sh
# Puts redis-server into tests/.cache/redis, unless the machine has one: tests/install-redis.sh
# The packages of the distribution are unpacked there instead of installed, so that no service is
# added to the machine, now or at its next start. Prints the folder with the binary, if any.
set -eu
cd "$(dirname "$0")"
cache="$PWD/.cache/redis"

! command -v redis-server >/dev/null || exit 0
if [ -x "$cache/bin/redis-server" ]; then
    echo "$cache/bin"
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "redis-server is needed: please install it, then try again." >&2
    exit 1
fi

[ "$(id -u)" -ne 0 ] || apt-get update -qq >&2
new="$cache.$$"
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/packages" "$new/root" "$new/bin"
packages=$(apt-get install --simulate --no-install-recommends redis-server redis-tools | awk '/^Inst/ { print $2 }')
(
    cd "$new/packages"
    # shellcheck disable=SC2086 # one word a package
    apt-get -o APT::Sandbox::User=root download -qq $packages >&2
)
for package in "$new"/packages/*.deb; do dpkg -x "$package" "$new/root"; done
rm -r "$new/packages"

for binary in redis-server redis-cli; do
    cat >"$new/bin/$binary" <<'EOF'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
LD_LIBRARY_PATH=$(find "$root/usr/lib" -name '*.so.*' -exec dirname {} + | sort -u | paste -sd: -)
export LD_LIBRARY_PATH
exec "$root/usr/bin/${0##*/}" "$@"
EOF
    chmod 755 "$new/bin/$binary"
done
"$new/bin/redis-server" --version >&2
rm -rf "$cache"
mv "$new" "$cache"
echo "$cache/bin"
