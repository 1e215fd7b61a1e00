#!/bin/sh
# Makes the authority and the server certificate of the TLS tests, good for a hundred years. They
# protect nothing.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=Signet tests" \
    -keyout authority.key -out authority.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
    -keyout server-key.pem -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >extensions
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
    -days 36500 -extfile extensions -out server.pem 2>/dev/null
rm authority.key authority.srl server.csr extensions
