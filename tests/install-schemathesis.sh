#!/bin/sh
# Puts Schemathesis, which asks a server everything that its OpenAPI document describes, into
# tests/.cache/schemathesis: tests/install-schemathesis.sh
# Pinned with checksums; what is there already is not asked for again.
set -eu
cd "$(dirname "$0")"
cache="$PWD/.cache/schemathesis"
made_from=$({ command -v python3; python3 --version; cat schemathesis/requirements.txt; } 2>&1 | sha256sum)
[ "$(cat "$cache/.made-from" 2>/dev/null)" != "$made_from" ] || exit 0

python3 -c 'import ensurepip' 2>/dev/null || ./install.sh python3-venv >&2
echo "Installing Schemathesis" >&2
rm -rf "$cache"
python3 -m venv "$cache"
"$cache/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes -r schemathesis/requirements.txt
echo "$made_from" >"$cache/.made-from"
