#!/bin/sh
# Prints the folder of a tool of cargo:
#   tests/install-cargo-tool.sh TOOL VERSION
# An installed tool is used; if there is none, this version is built into tests/.cache/TOOL, which takes
# some minutes, once.
set -eu
tool=$1 version=$2
root=$(cd "$(dirname "$0")" && pwd)/.cache/$tool
PATH="$root/bin:$PATH"
if ! command -v "$tool" >/dev/null; then
    echo "$tool is not installed: building $tool $version into tests/.cache" >&2
    env -u RUSTFLAGS "${CARGO:-cargo}" install --quiet --locked --root "$root" "$tool@$version" >&2
fi
dirname "$(command -v "$tool")"
