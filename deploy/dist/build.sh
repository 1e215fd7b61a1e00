#!/bin/sh
# Builds the program for a release and packs it into target/dist:
#   deploy/dist/build.sh
# The paths of this machine are left out of the program, so that two machines with the same tool
# chain build the same bytes. If Rust has the musl target of this processor, the program is static.
set -eu
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
static=$(echo "$host" | sed 's/-gnu$/-musl/')
target=$host
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$static" ]; then
    echo "The target $static is not installed, so the program needs glibc: rustup target add $static"
elif ! command -v musl-gcc >/dev/null; then
    echo "The program needs glibc, because musl-gcc is not installed: apt install musl-tools"
else
    target=$static
fi

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
home=${CARGO_HOME:-$HOME/.cargo}
here=$PWD
export RUSTFLAGS="--remap-path-prefix=$here=/signet --remap-path-prefix=$home=/cargo"
# aws-lc and SQLite are C, and name their files in messages.
export CFLAGS="-ffile-prefix-map=$here=/signet -ffile-prefix-map=$home=/cargo"
# 6 % smaller than what `make build` makes, for a longer build.
export CARGO_PROFILE_RELEASE_LTO=fat
"$cargo" build --release --locked --bin signet --target "$target" --target-dir target/dist-build

notes=target/dist-build/notes
rm -rf "$notes"
mkdir -p "$notes"
deploy/dist/sbom.sh "$target" "$notes/signet.cdx.json"
deploy/dist/licences.sh "$target" "$notes/licences.txt"
# What another machine needs to build the same bytes.
{
    echo "commit: $(git rev-parse HEAD)"
    echo "target: $target"
    echo "SOURCE_DATE_EPOCH: $SOURCE_DATE_EPOCH"
    rustc --version
    "$cargo" --version
    "${CC:-cc}" --version | head -n 1
} >"$notes/build.txt"
deploy/dist/pack.sh "target/dist-build/$target/release/signet" "$notes" target/dist
