#!/bin/sh
# Builds the image from an existing program, without a registry:
#   deploy/container/build.sh PROGRAM ARCHIVE
# With Docker the image goes to Docker's store, and ARCHIVE is not written. Without Docker, buildah
# (from the machine or tests/.cache) writes ARCHIVE for `docker load`, `podman load` or
# `ctr images import`. Set ENGINE=docker or ENGINE=buildah to choose.
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
    # If the kernel does not allow the default storage driver, use plain copies.
    buildah info >/dev/null 2>&1 || export STORAGE_DRIVER=vfs
    # No image is pulled, so no signature needs checking.
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$work/policy.json"
    policy="--signature-policy $work/policy.json"

    container=$(buildah from scratch)
    buildah add -q "$container" "$work/image" /image >/dev/null
    # shellcheck disable=SC2086 # two words
    buildah commit -q $policy --rm "$container" "$base" >/dev/null
    # The OCI format has no health check; Docker's format has.
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
