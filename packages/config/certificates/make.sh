#!/bin/sh
# Makes the certificates that the tests use, anew: ./make.sh in this folder. They hold for a hundred years; the keys of
# the authorities are thrown away.
set -eu
days=36500
new_key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }

authority() { # file name
  new_key "$1-key.tmp"
  openssl req -x509 -new -key "$1-key.tmp" -subj "/CN=$2" -days "$days" -out "$1.pem" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
}

signed() { # authority file common-name alternative-names days
  new_key "$2-key.pem"
  openssl req -new -key "$2-key.pem" -subj "/CN=$3" -out request.tmp
  printf 'subjectAltName=%s\n' "$4" > extensions.tmp
  openssl x509 -req -in request.tmp -CA "$1.pem" -CAkey "$1-key.tmp" -extfile extensions.tmp -days "$5" -out "$2.pem" \
    2> /dev/null
}

authority authority "weft tests"
authority other-authority "other tests"
signed authority orders orders "DNS:orders,DNS:orders.local,IP:127.0.0.1" "$days"
signed authority orders-renewed orders "DNS:orders,DNS:orders.local,IP:127.0.0.1" "$days"
signed authority web web "DNS:web" "$days"
signed authority expired orders "DNS:orders" -1
signed other-authority stranger stranger "DNS:stranger" "$days"
openssl pkcs8 -topk8 -in orders-key.pem -passout pass:weft -out encrypted-key.pem
chmod 600 ./*-key.pem
rm -f ./*.tmp ./*.srl
