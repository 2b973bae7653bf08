import type { Documented, ExternalConsumer } from '../../../activities/consumer';
import { DeliveryFailure } from '../../../activities/failures';

/** Tells a service of ours that something has happened: one POST, with the delivery id as idempotency key. */
export function createNotice(url: string): ExternalConsumer & Documented {
  return {
    kind: 'external',
    about: {
      what: 'Tells a service of ours that something has happened.',
      idempotency: 'The delivery id is in the header `idempotency-key`.',
      failures: [
        ['429', '`RateLimited`'],
        ['5xx, no connection', '`Unavailable`'],
        ['any other but 2xx', '`Rejected`'],
      ],
    },
    requestTimeoutMs: 5_000,
    async send({ deliveryId, event, signal }) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': deliveryId };
      const body = JSON.stringify({ type: event.type, siteId: event.siteId, id: event.id });
      const { ok, status } = await fetch(url, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
        throw new DeliveryFailure('Unavailable', 'The notice service does not answer; see that it is up.', { cause });
      });
      if (ok) return { status };
      const type = status === 429 ? 'RateLimited' : status >= 500 ? 'Unavailable' : 'Rejected';
      throw new DeliveryFailure(type, `The notice service answered ${status}.`, { details: { status } });
    },
  };
}
