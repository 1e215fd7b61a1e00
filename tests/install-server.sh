#!/bin/sh
# Puts a server into tests/.cache, unless the machine has one: tests/install-server.sh redis|postgres
# The packages of the distribution are unpacked there instead of installed, so that no service is
# added to the machine, now or at its next start. Prints the folder with its programs, if any.
set -eu
cd "$(dirname "$0")"
name=$1
case $name in
redis) programs="redis-server redis-cli" packages="redis-server redis-tools" ;;
postgres) programs="initdb postgres" packages="postgresql" ;;
*) echo "tests/install-server.sh redis|postgres" >&2 && exit 2 ;;
esac
server=${programs%% *}
cache="$PWD/.cache/$name"

# Debian keeps the programs of PostgreSQL where no search path leads.
! command -v "$server" >/dev/null || exit 0
for folder in "$cache/bin" /usr/lib/postgresql/*/bin; do
    [ ! -x "$folder/$server" ] || { echo "$folder" && exit 0; }
done
if ! command -v apt-get >/dev/null; then
    echo "$server is needed: please install $packages, then try again." >&2
    exit 1
fi

[ "$(id -u)" -ne 0 ] || apt-get update -qq >&2
if [ "$name$(id -u)" = postgres0 ]; then
    # It does not run as root, and nobody else may have a way into this folder. Installed without a
    # cluster there is nothing that its service could start.
    clusters=/etc/postgresql-common/createcluster.conf
    mkdir -p "${clusters%/*}"
    [ -e "$clusters" ] || echo 'create_main_cluster = false' >"$clusters"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2
    echo /usr/lib/postgresql/*/bin
    exit 0
fi
new="$cache.$$"
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/packages" "$new/root" "$new/bin"
(
    cd "$new/packages"
    # shellcheck disable=SC2086 # one word a package
    missing=$(apt-get install --simulate --no-install-recommends $packages | awk '/^Inst/ { print $2 }')
    # shellcheck disable=SC2086
    apt-get -o APT::Sandbox::User=root download -qq $missing >&2
)
for package in "$new"/packages/*.deb; do dpkg -x "$package" "$new/root"; done
rm -r "$new/packages"

for program in $programs; do
    cat >"$new/bin/$program" <<'END'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
LD_LIBRARY_PATH=$(find "$root/usr/lib" -name '*.so.*' -exec dirname {} + | sort -u | paste -sd: -)
export LD_LIBRARY_PATH
exec "$(find "$root/usr" -name "${0##*/}" -path '*/bin/*' | sort | tail -n 1)" "$@"
END
    chmod 755 "$new/bin/$program"
done
"$new/bin/$server" --version >&2
rm -rf "$cache"
mv "$new" "$cache"
echo "$cache/bin"
