#!/bin/sh
# Creates the content of the image: FOLDER/root has the program, its libraries and its account.
# FOLDER/data and FOLDER/keys are the empty folders that it writes to.
#   deploy/container/root.sh PROGRAM FOLDER
set -eu
program=$1
root=$2/root

mkdir -p "$root/etc"
mkdir -m 700 "$2/data" "$2/keys"
install -D -m 755 "$program" "$root/usr/bin/${program##*/}"
# Lines of ldd are `name => path (address)`, or the path alone for the loader.
libraries=$(ldd "$program")
echo "$libraries" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }' |
    while read -r library; do install -D -m 755 "$library" "$root$library"; done

echo 'signet:x:65532:65532:signet:/:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'signet:x:65532:' >"$root/etc/group"
# Names in /etc/hosts come first; the container engine writes them.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
