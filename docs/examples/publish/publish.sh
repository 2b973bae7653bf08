# One event: its data are in a file, and its id is the third argument. The last status goes to stderr.
curl --silent --show-error --fail-with-body --retry 8 --retry-connrefused --max-time 30 \
  --write-out '%{stderr}status %{http_code}\n' \
  --header "Authorization: Bearer $CHAT_EVENTS_TOKEN" \
  --header 'Content-Type: application/json' \
  --header "Idempotency-Key: $3" \
  --data-binary "@$2" \
  "$CHAT_EVENTS_URL/v1/events/$1"
