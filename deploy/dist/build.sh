#!/bin/sh
# Builds the program for a release and packs it into target/dist:
#   deploy/dist/build.sh
# The paths of this machine are left out of the program, so that two machines with the same tool
# chain build the same bytes. If Rust has the musl target of this processor, the program is static. With
# BUILD_STD=1 Rust's library for that target is compiled too, from its sources: static.sh sets it.
set -eu
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
static=$(echo "$host" | sed 's/-gnu$/-musl/')
sysroot=$(rustc --print sysroot)
target=$host
if [ -z "${BUILD_STD:-}" ] && [ ! -d "$sysroot/lib/rustlib/$static" ]; then
    echo "The target $static is not installed, so the program needs glibc: rustup target add $static, or make dist-static"
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
if [ -n "${BUILD_STD:-}" ]; then
    # Rust unwinds with LLVM's library, whose name this is. The one of gcc has the same functions.
    unwind=$here/target/dist-build/unwind
    rm -rf "$unwind"
    mkdir -p "$unwind"
    musl-gcc -O2 -fPIC $CFLAGS -c deploy/dist/unwind.c -o "$unwind/unwind.o"
    # jemalloc needs functions of libgcc that this build of Rust's library leaves out.
    printf '%s\n' "create $unwind/libunwind.a" "addlib $(cc --print-file-name=libgcc_eh.a)" \
        "addlib $(cc --print-file-name=libgcc.a)" "addmod $unwind/unwind.o" save end | ar -M
    RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$sysroot=/rust -L native=$unwind"
    # This Rust also brings no start files and no libc for the target: they are those of musl-gcc.
    RUSTFLAGS="$RUSTFLAGS -C link-self-contained=no -C linker=musl-gcc"
    # The option is unstable, and only this variable lets a stable Rust take it.
    export RUSTC_BOOTSTRAP=1
    set -- -Z build-std=std,panic_unwind
fi
# 6 % smaller than what `make build` makes, for a longer build.
export CARGO_PROFILE_RELEASE_LTO=fat
"$cargo" build "$@" --release --locked --bin signet --target "$target" --target-dir target/dist-build

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
