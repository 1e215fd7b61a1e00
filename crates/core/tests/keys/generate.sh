#!/bin/sh
# Makes the private keys that tests of the key ring and of the keys folder use. They open nothing.
set -eu
cd "$(dirname "$0")"
for number in 0 1 2 3 4 5 6 7; do
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$number.private.pem"
done
for bits in 3072 4096; do
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" -out "$bits.private.pem"
done
