# One event: its data are in a file, and its id is the third argument.
curl --silent --show-error --fail-with-body --retry 8 --retry-connrefused --max-time 30 \
  --header "Authorization: Bearer $CHAT_EVENTS_TOKEN" \
  --header 'Content-Type: application/json' \
  --header "Idempotency-Key: $3" \
  --data-binary "@$2" \
  "$CHAT_EVENTS_URL/v1/events/$1"
