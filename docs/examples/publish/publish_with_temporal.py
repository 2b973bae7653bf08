"""Publishes an event by starting its workflow: python3 publish_with_temporal.py TYPE FILE SITE ID"""

import asyncio
import os
import sys

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError


async def publish(client: Client, event_type: str, data: str, site_id: str, event_id: str) -> bool:
    """Returns when the cluster has the event on its disk: False where it had it already. `data` is JSON."""
    event = {"type": event_type, "id": event_id, "siteId": site_id, "data": data}
    try:
        await client.start_workflow(
            "processChatEvent",
            event,
            id=f"{event_type}/{site_id}/{event_id}",
            task_queue="chat-events",
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def main(event_type: str, file: str, site_id: str, event_id: str) -> None:
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], namespace=os.environ["TEMPORAL_NAMESPACE"])
    with open(file, encoding="utf-8") as data:
        print("accepted" if await publish(client, event_type, data.read(), site_id, event_id) else "duplicate")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
