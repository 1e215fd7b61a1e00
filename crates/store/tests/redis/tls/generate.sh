#!/bin/sh
# Makes the authority and the server certificates of the TLS tests, one of them for a name that no
# server has, good for a hundred years. They protect nothing.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=Signet tests" \
    -keyout authority.key -out authority.pem 2>/dev/null
certify() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" \
        -keyout "$1-key.pem" -out server.csr 2>/dev/null
    printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$2" >extensions
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
        -days 36500 -extfile extensions -out "$1.pem" 2>/dev/null
    rm server.csr extensions
}
certify server localhost
certify elsewhere elsewhere.invalid
rm authority.key authority.srl
