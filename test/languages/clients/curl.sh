# Calls through a sidecar with curl. Arguments: a scenario. See ../client.ts for what it prints.
set -eu
outbound=http://127.0.0.1:$OUTBOUND
inbound=http://127.0.0.1:$INBOUND
quiet='--silent --show-error --no-progress-meter --max-time 20'

# NAME STATUS BODY
show() {
  name=$1
  shift
  printf '%s ' "$name"
  curl $quiet --output "$FOLDER/body" --write-out '%{http_code} ' "$@"
  cat "$FOLDER/body"
  echo
}

# Reads a status a line, and says how many there were and how many were others than 200.
tally() {
  calls=0 failed=0
  while read -r status; do
    calls=$((calls + 1))
    [ "$status" = 200 ] || failed=$((failed + 1))
    [ $calls != "${1-}" ] || echo under-way
  done
  echo ended $calls $failed
}

case $1 in
reach)
  show proxy 'http://orders/by-proxy?n=1' # by http_proxy
  show host --header 'Host: orders' "$outbound/by-host"
  show connect --proxytunnel --proxy "$outbound" http://orders/by-connect
  show inbound "$inbound/inbound"
  ;;
post)
  head -c 4096 "$UPLOAD" >"$FOLDER/small"
  show length --data-binary "@$FOLDER/small" http://orders/digest
  show chunked --header 'Transfer-Encoding: chunked' --data-binary "@$FOLDER/small" http://orders/digest
  show again --header 'Host: orders' --data-binary "@$FOLDER/small" "$outbound/digest"
  ;;
large)
  show up --header 'Host: orders' --header 'Content-Type: application/octet-stream' --upload-file "$UPLOAD" --request POST "$outbound/digest"
  printf 'down '
  curl $quiet --output "$FOLDER/down" --write-out '%{http_code} %{size_download} ' "http://orders/file?bytes=$(wc -c <"$UPLOAD")"
  sha256sum <"$FOLDER/down" | cut -d ' ' -f 1
  ;;
spread)
  curl $quiet --parallel --parallel-immediate --parallel-max 100 --header 'Host: orders' --output /dev/null \
    --write-out '%{http_code}\n' "$outbound/call/[1-300]" | tally
  ;;
kill)
  # A status is told when it is there: what goes to standard error is not held back.
  {
    curl $quiet --header 'Host: orders' --output /dev/null --write-out '%{stderr}%{http_code}\n' "$outbound/call/[1-60]" 2>&1
    read -r _
    curl $quiet --header 'Host: orders' --output /dev/null --write-out '%{http_code}\n' "$outbound/call/[1-240]"
  } | tally 50
  ;;
errors)
  for each in unknown=http://nobody/ gone=http://gone/ late=http://orders/stall; do
    show "${each%%=*}" --write-out '%{http_code} %{content_type} ' --header "$([ "${each%%=*}" = late ] && echo 'x-request-deadline-ms: 100')" "${each#*=}"
  done
  ;;
esac
