#!/bin/sh
# Made these fixtures: an authority of the tests' own, and certificates for `orders` and for another name, for 100 years.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=weft tests" \
  -keyout authority-key.pem -out authority.pem
for name in orders invoices; do
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$name-key.pem" -out request.pem
  printf 'subjectAltName=DNS:%s' "$name" > extensions.txt
  openssl x509 -req -in request.pem -CA authority.pem -CAkey authority-key.pem -CAcreateserial -days 36500 \
    -extfile extensions.txt -out "$name.pem"
done
rm -f request.pem extensions.txt authority.srl authority-key.pem
