#!/bin/sh
# Checks dependencies with cargo-deny: banned crates, licences and sources, and known weaknesses
# if the database of advisories can be reached.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
if ! bin=$(tests/install-cargo-tool.sh cargo-deny 0.20.2); then
    echo 'cargo-deny could not be installed. The tests in tests/tests/tidy check licences and TLS libraries; sources and advisories were not checked.'
    exit 0
fi
PATH="$bin:$PATH"

"$cargo" deny check --hide-inclusion-graph bans licenses sources
if timeout 120 "$cargo" deny fetch db >/dev/null 2>&1; then
    "$cargo" deny check --disable-fetch --hide-inclusion-graph advisories
else
    echo 'The database of advisories cannot be reached: known weaknesses were not checked.'
fi
