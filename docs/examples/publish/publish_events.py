"""Publishes events through the sidecar on this host. It needs Python 3.9 and nothing else."""

import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ["CHAT_EVENTS_URL"]
TOKEN = os.environ["CHAT_EVENTS_TOKEN"]


class EventRefused(Exception):
    """The event has to be corrected first: the problem details name every wrong field."""


def publish(event_type: str, data: bytes, event_id: str) -> str:
    """Returns the receipt when the event is on the disk of the sidecar. Until then it tries again, under the same id."""
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Idempotency-Key": event_id,
    }
    request = urllib.request.Request(f"{URL}/v1/events/{event_type}", data, headers, method="POST")
    wait = 0.1
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read().decode()
        except urllib.error.HTTPError as error:
            if error.code not in (408, 429) and error.code < 500:
                raise EventRefused(f"{error.code} {error.read().decode()}") from error
        except OSError:
            pass  # The sidecar does not answer: it may have the event, and the id makes both tries one event.
        time.sleep(wait)
        wait = min(2 * wait, 10)


if __name__ == "__main__":
    try:
        with open(sys.argv[2], "rb") as file:
            print(publish(sys.argv[1], file.read(), sys.argv[3]))
    except EventRefused as refused:
        sys.exit(str(refused))
