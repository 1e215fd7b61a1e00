#!/bin/sh
# Installs the Debian packages that tests need and that are missing: tests/install.sh PACKAGE...
set -eu
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need $*: please install it, then run make test again." >&2
    exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
