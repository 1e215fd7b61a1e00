#!/bin/sh
# Packs a program into the files of a release:
#   deploy/dist/pack.sh PROGRAM NOTES FOLDER
# NOTES has the list of dependencies (signet.cdx.json), their licence texts (licences.txt) and how the
# program was built (build.txt). FOLDER gets an archive, a package for Debian and Ubuntu, the list, how it
# was built, and the checksums. All times are SOURCE_DATE_EPOCH, so the same input gives the same bytes.
set -eu
umask 022
program=$1 notes=$2 folder=$3
repository=$(cd "$(dirname "$0")/../.." && pwd)
version=$("$program" --version | awk '{ print $2 }')
machine=$(uname -m)
case $machine in
x86_64) debian=amd64 ;;
aarch64) debian=arm64 ;;
*) echo "No package is made for $machine." >&2 && exit 1 ;;
esac
# Tests pack with less compression, which is many times faster.
level=${COMPRESSION:-9}
: "${SOURCE_DATE_EPOCH:=0}"
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder"

# The oldest glibc that has every symbol that the program uses; nothing for a static program.
glibc() {
    grep -aoE 'GLIBC_2\.[0-9]+' "$program" | sort -Vu | tail -n 1 | cut -c 7-
}
glibc=$(glibc)
kind=static
[ -z "$glibc" ] || kind=glibc
name=signet-$version-$machine-linux-$kind

archive() {
    tree=$work/$name
    install -D -m 755 "$program" "$tree/signet"
    for file in README.md CHANGELOG.md SECURITY.md LICENSE-MIT LICENSE-APACHE; do
        install -m 644 "$repository/$file" "$tree/$file"
    done
    install -m 644 "$notes/licences.txt" "$tree/THIRD-PARTY-LICENSES.txt"
    mkdir "$tree/systemd"
    install -m 644 "$repository"/deploy/systemd/signet* "$tree/systemd"
    tar --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
        --create "$name" | gzip "-${level}n" >"$folder/$name.tar.gz"
}

package() {
    root=$work/package
    install -D -m 755 "$program" "$root/usr/bin/signet"
    share=$root/usr/share
    "$program" man "$share/man/man1" >/dev/null
    gzip -9n "$share"/man/man1/*
    mkdir -p "$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
    "$program" completions bash >"$share/bash-completion/completions/signet"
    "$program" completions zsh >"$share/zsh/vendor-completions/_signet"
    "$program" completions fish >"$share/fish/vendor_completions.d/signet.fish"
    for unit in "$repository"/deploy/systemd/signet*; do
        install -D -m 644 "$unit" "$root/usr/lib/systemd/system/${unit##*/}"
    done
    install -D -m 640 "$repository/deploy/dist/debian/signet.toml" "$root/etc/signet/signet.toml"
    install -D -m 644 "$repository/deploy/dist/debian/copyright" "$share/doc/signet/copyright"
    gzip -9n <"$notes/licences.txt" >"$share/doc/signet/THIRD-PARTY-LICENSES.gz"
    for script in postinst prerm postrm; do
        install -D -m 755 "$repository/deploy/dist/debian/$script" "$root/DEBIAN/$script"
    done
    echo /etc/signet/signet.toml >"$root/DEBIAN/conffiles"
    size=$(du -sk --apparent-size "$root" | cut -f1)
    sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$debian/" -e "s/@SIZE@/$size/" -e "s/@LIBC@/${glibc:+libc6 (>= $glibc), }/" \
        "$repository/deploy/dist/debian/control" >"$root/DEBIAN/control"
    dpkg-deb --root-owner-group -Zgzip "-z$level" --build "$root" "$folder/signet_${version}_$debian.deb" >/dev/null
}

archive
package
install -m 644 "$notes/signet.cdx.json" "$folder/signet-$version.cdx.json"
install -m 644 "$notes/build.txt" "$folder/signet-$version.build.txt"
(cd "$folder" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
cat "$folder/SHA256SUMS"
