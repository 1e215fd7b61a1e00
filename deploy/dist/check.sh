#!/bin/sh
# Builds the release twice, here and in a copy in another folder, and compares every byte:
#   deploy/dist/check.sh
set -eu
cd "$(dirname "$0")/../.."
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
deploy/dist/build.sh
# The second build uses the tool that the first one may have built.
PATH="$PWD/tests/.cache/cargo-cyclonedx/bin:$PATH"
export PATH
git clone --quiet . "$copy/another-folder"
(cd "$copy/another-folder" && deploy/dist/build.sh)
diff -r target/dist "$copy/another-folder/target/dist"
echo 'Both builds have the same bytes.'
