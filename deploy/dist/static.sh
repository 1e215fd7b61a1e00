#!/bin/sh
# Builds the files of a release with a static program, where Rust has no musl target, as root:
#   deploy/dist/static.sh
# It makes a Debian in tests/.cache, whose packages bring Rust, the sources of its library and musl, and
# builds there. The crates come from this machine's Cargo, so the build itself needs no network.
set -eu
cd "$(dirname "$0")/../.."
here=$PWD
cargo=${CARGO:-cargo}
if [ "$(id -u)" -ne 0 ]; then
    echo "Making a Debian needs root. Without it, run: rustup target add $(uname -m)-unknown-linux-musl && make dist" >&2
    exit 1
fi
# The first release of Debian whose Rust is new enough.
debian=$(SUITE=forky PACKAGES=build-essential,cargo,git,libc6-dev,musl-tools,rust-src,rustc tests/install-debian.sh)
"$cargo" fetch --locked
# The sources of the library declare unstable features of Cargo.
RUSTC_BOOTSTRAP=1 "$cargo" fetch --locked --manifest-path "$debian/usr/lib/rustlib/src/rust/library/sysroot/Cargo.toml"
tools=$(tests/install-cargo-tool.sh cargo-cyclonedx 0.5.9)
home=${CARGO_HOME:-$HOME/.cargo}
history=$(cd "$(git rev-parse --git-common-dir)" && pwd)
# The mounts belong to this process and end with it. Everything has the path that it has outside.
export debian here home history tools
unshare --mount sh -euc '
    for folder in /dev /proc "$home" "$here" "$history" "$tools"; do
        mkdir -p "$debian$folder"
        mount --bind "$folder" "$debian$folder"
    done
    exec chroot "$debian" env -i HOME=/root PATH="/usr/bin:/bin:$tools" CARGO_HOME="$home" CARGO_NET_OFFLINE=true \
        GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="*" \
        ${SOURCE_DATE_EPOCH:+SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH} BUILD_STD=1 "$here/deploy/dist/build.sh"'
