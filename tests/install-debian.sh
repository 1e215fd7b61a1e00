#!/bin/sh
# Makes the root folder of a minimal Debian, as root:
#   tests/install-debian.sh [FOLDER]
# It is made once in tests/.cache, and copied to FOLDER if one is given. It prints where it is. SUITE names
# a release of Debian that is not this machine's, and PACKAGES what it has, with commas between.
set -eu
folder=${1:-}
cd "$(dirname "$0")"
cache=$PWD/.cache/debian${SUITE:+-$SUITE}
suite=${SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
if [ ! -d "$cache" ]; then
    new=$cache.$$
    trap 'rm -rf "$new"' EXIT
    mkdir -p "$new/tools"
    command -v wget >/dev/null || ./install.sh wget >&2
    (cd "$new/tools" && apt-get -o APT::Sandbox::User=root download -qq debootstrap >&2 && dpkg -x debootstrap_*.deb .)
    # A release that is newer than the tool is made like the others.
    scripts=$new/tools/usr/share/debootstrap/scripts
    [ -e "$scripts/$suite" ] || ln -s sid "$scripts/$suite"
    DEBOOTSTRAP_DIR=$new/tools/usr/share/debootstrap "$new/tools/usr/sbin/debootstrap" \
        --variant=minbase --include="${PACKAGES:-adduser}" "$suite" "$new/root" >&2
    rm -rf "$new/root/var/cache/apt" "$new/root/var/lib/apt/lists"
    mv "$new/root" "$cache"
fi
[ -z "$folder" ] || cp -a "$cache" "$folder"
echo "${folder:-$cache}"
