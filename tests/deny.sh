#!/bin/sh
# Checks dependencies with cargo-deny: banned crates, licences and sources, and known weaknesses
# if the database of advisories can be reached. An installed cargo-deny is used; if there is none,
# the version below is built into tests/.cache/cargo-deny, which takes some minutes, once.
set -eu
version=0.20.2
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
PATH="$PWD/tests/.cache/cargo-deny/bin:$PATH"

if ! command -v cargo-deny >/dev/null; then
    echo "cargo-deny is not installed: building cargo-deny $version into tests/.cache"
    if ! "$cargo" install --quiet --locked --root tests/.cache/cargo-deny "cargo-deny@$version"; then
        echo 'cargo-deny could not be installed. The tests in tests/tests/tidy check licences and TLS libraries; sources and advisories were not checked.'
        exit 0
    fi
fi

"$cargo" deny check --hide-inclusion-graph bans licenses sources
if timeout 120 "$cargo" deny fetch db >/dev/null 2>&1; then
    "$cargo" deny check --disable-fetch --hide-inclusion-graph advisories
else
    echo 'The database of advisories cannot be reached: known weaknesses were not checked.'
fi
