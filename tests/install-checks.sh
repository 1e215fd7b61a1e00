#!/bin/sh
# Puts what checks the files in deploy/ into tests/.cache/checks: tests/install-checks.sh
# Pinned with checksums; what is there already is not asked for again.
set -eu
cd "$(dirname "$0")"
cache="$PWD/.cache/checks"
made_from=$({ python3 --version; cat checks/requirements.txt; } 2>&1 | sha256sum)
[ "$(cat "$cache/.made-from" 2>/dev/null)" != "$made_from" ] || exit 0

python3 -m pip --version >/dev/null 2>&1 || ./install.sh python3-pip >&2
rm -rf "$cache"
PIP_ROOT_USER_ACTION=ignore python3 -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --target "$cache" -r checks/requirements.txt
echo "$made_from" >"$cache/.made-from"
