#!/bin/sh
# Installs the servers that tests need and that are missing: tests/install-servers.sh
# Nothing is started, now or later: every test starts a server of its own.
set -eu
cd "$(dirname "$0")"
./install-redis.sh >/dev/null

packages=
have() { command -v "$1" >/dev/null || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1; }
have initdb || packages="$packages postgresql"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    # Asked by every package that would start a service; 101 is "forbidden".
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    # Debian would make a cluster of its own, which its service then starts with the machine.
    clusters=/etc/postgresql-common/createcluster.conf
    if [ ! -e "$clusters" ]; then
        mkdir -p "${clusters%/*}"
        echo 'create_main_cluster = false' >"$clusters"
    fi
fi
# shellcheck disable=SC2086 # one word a package
./install.sh $packages
