#!/bin/sh
# Writes the dependencies of the program as a CycloneDX document:
#   deploy/dist/sbom.sh FILE
# An installed cargo-cyclonedx is used; if there is none, the version below is built into
# tests/.cache/cargo-cyclonedx, which takes some minutes, once.
set -eu
file=$1
version=0.5.9
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
PATH="$PWD/tests/.cache/cargo-cyclonedx/bin:$PATH"
if ! command -v cargo-cyclonedx >/dev/null; then
    echo "cargo-cyclonedx is not installed: building cargo-cyclonedx $version into tests/.cache"
    env -u RUSTFLAGS "$cargo" install --quiet --locked --root tests/.cache/cargo-cyclonedx "cargo-cyclonedx@$version"
fi
# It writes one file beside each manifest of the workspace, with the paths of this machine.
"$cargo" cyclonedx --quiet --format json --manifest-path crates/issuer/Cargo.toml --override-filename signet.sbom
mkdir -p "$(dirname "$file")"
sed "s|path+file://$PWD/|path+file:///signet/|" crates/issuer/signet.sbom.json >"$file"
find crates tests -maxdepth 2 -name signet.sbom.json -exec rm {} +
