#!/usr/bin/env bash
# Makes the keys of these tests anew. They are for tests only and sign nothing that matters.
set -euo pipefail
cd "$(dirname "$0")"

make_key() { # name bits [exponent]
    openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" \
        -pkeyopt "rsa_keygen_pubexp:${3:-65537}" -out "$1.private.pem"
    openssl pkey -in "$1.private.pem" -pubout -out "$1.public.pem"
}

make_key signer 2048
make_key other 2048
make_key weak 1024
make_key exponent3 2048 3
make_key large 4096
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out elliptic.private.pem
openssl pkey -in elliptic.private.pem -pubout -out elliptic.public.pem
rm elliptic.private.pem weak.private.pem

# A certificate authority and a server on 127.0.0.1, for a century.
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=Signet test authority" \
    -keyout authority.private.pem -out authority.certificate.pem
openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout server.private.pem -out server.csr
openssl x509 -req -in server.csr -CA authority.certificate.pem -CAkey authority.private.pem \
    -days 36500 -out server.certificate.pem -extfile <(printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n')
rm authority.private.pem server.csr
