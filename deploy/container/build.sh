#!/bin/sh
# Builds the image from a program that is there already, without asking any registry:
#   deploy/container/build.sh PROGRAM ARCHIVE
# With Docker the image is in its store, and ARCHIVE is not written. Without, buildah builds it, from
# tests/.cache if the machine has none, and writes it to ARCHIVE for `docker load`, `podman load` or
# `ctr images import`. ENGINE=docker or ENGINE=buildah chooses.
set -eu
program=$1
archive=$2
repository=$(cd "$(dirname "$0")/../.." && pwd)
name=localhost/signet
base=localhost/signet-program

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$repository/deploy/container/root.sh" "$program" "$work/image"
mkdir "$work/empty"

with_docker() {
    tar -C "$work" -c image | docker import - "$base" >/dev/null
    docker build -q -f "$repository/deploy/Containerfile" --build-arg "PROGRAM=$base" -t "$name" "$work/empty"
    docker image inspect -f "$name is in Docker: {{.Size}} bytes" "$name"
}

with_buildah() {
    bin=$("$repository/tests/install-server.sh" buildah)
    PATH="$PATH${bin:+:$bin}"
    # Where the kernel or the machine's own settings do not allow the usual way, plain copies do.
    buildah info >/dev/null 2>&1 || export STORAGE_DRIVER=vfs
    # Nothing is pulled, so there is nothing whose signature could be checked.
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$work/policy.json"
    policy="--signature-policy $work/policy.json"

    container=$(buildah from scratch)
    buildah add -q "$container" "$work/image" /image >/dev/null
    # shellcheck disable=SC2086 # two words
    buildah commit -q $policy --rm "$container" "$base" >/dev/null
    # The OCI format has no place for a health check, Docker's has.
    # shellcheck disable=SC2086
    buildah build -q $policy --format docker --isolation chroot --build-arg "PROGRAM=$base" \
        -f "$repository/deploy/Containerfile" -t "$name" "$work/empty" >/dev/null
    rm -f "$archive"
    # shellcheck disable=SC2086
    buildah push -q $policy "$name" "docker-archive:$archive:$name:latest"
    echo "$name is in $archive: $(wc -c <"$archive") bytes"
}

engine=buildah
! docker info >/dev/null 2>&1 || engine=docker
"with_${ENGINE:-$engine}"
