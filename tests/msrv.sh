#!/bin/sh
# Packages the verifier and compiles each set of its features, outside the workspace, with the oldest
# Rust that it declares. The compiler is that of rustup if it has this version, or Debian's.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' crates/verifier/Cargo.toml)
cache=$PWD/tests/.cache/rust-$version

from_debian() {
    set -- rustc-web libstd-rust-web-dev "libstd-rust-web-$version"
    new=$cache.$$
    trap 'rm -rf "$new"' EXIT
    mkdir -p "$new"
    for package in "$@"; do
        full=$(apt-cache madison "$package" | awk -v start="$version." 'index($3, start) == 1 { print $3; exit }')
        (cd "$new" && apt-get -o APT::Sandbox::User=root download -qq "$package${full:+=$full}" >&2)
    done
    # The compiler is linked with one version of LLVM, which is linked with Z3.
    llvm=$(dpkg-deb --field "$new"/libstd-rust-web-"$version"_*.deb Depends | grep -oE 'libllvm[0-9]+')
    (cd "$new" && apt-get -o APT::Sandbox::User=root download -qq "$llvm" libz3-4 >&2)
    for package in "$new"/*.deb; do dpkg-deb --extract "$package" "$new"; done
    rm "$new"/*.deb
    mv "$new" "$cache"
}

if ! rustc=$(rustup which --toolchain "$version" rustc 2>/dev/null); then
    [ -d "$cache" ] || from_debian
    rustc=$cache/usr/bin/rustc
    LD_LIBRARY_PATH=$(echo "$cache"/usr/lib/*-linux-gnu)
    export LD_LIBRARY_PATH
fi
"$rustc" --version

"$cargo" package --quiet --package signet-verifier --no-verify --allow-dirty --target-dir target/msrv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf target/msrv/package/signet-verifier-*.crate -C "$work"
cd "$work"/signet-verifier-*
for features in '' axum cache remote status testing tower axum,cache,remote,status,testing,tower; do
    RUSTC=$rustc "$cargo" check --quiet --locked --lib --features "$features" --target-dir "$OLDPWD/target/msrv"
    echo "compiles with the features: ${features:-none}"
done
