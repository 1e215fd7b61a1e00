#!/bin/sh
# Puts the servers that tests need where they are found: tests/install-servers.sh
# Nothing is started, now or later: every test starts a server of its own.
set -eu
cd "$(dirname "$0")"
for server in redis valkey postgres nginx haproxy apache envoy traefik caddy buildah crun systemd prometheus kubectl; do
    ./install-server.sh "$server" >/dev/null
done
# A package is installed on a bare Debian, which only root can make.
[ "$(id -u)" -ne 0 ] || ./install-debian.sh
