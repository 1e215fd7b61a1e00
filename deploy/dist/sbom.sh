#!/bin/sh
# Writes the dependencies of the program as a CycloneDX document:
#   deploy/dist/sbom.sh TARGET FILE
set -eu
target=$1 file=$2
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
bin=$(tests/install-cargo-tool.sh cargo-cyclonedx 0.5.9)
PATH="$bin:$PATH"
# It writes one file beside each manifest of the workspace, with the paths of this machine.
"$cargo" cyclonedx --quiet --format json --target "$target" --manifest-path crates/issuer/Cargo.toml --override-filename signet.sbom
mkdir -p "$(dirname "$file")"
sed "s|path+file://$PWD/|path+file:///signet/|" crates/issuer/signet.sbom.json >"$file"
find crates tests -maxdepth 2 -name signet.sbom.json -exec rm {} +
