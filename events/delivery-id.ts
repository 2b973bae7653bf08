import { v5 } from 'uuid';

/** Must never change: the same delivery has the same id on every run and cluster. */
const NAMESPACE = '2f0c64f7-93c9-4c43-8f3b-6a9c7c1d5e0b';

/**
 * The id of a delivery, and the idempotency key at its destination.
 * @param connectionId the site's account there, or '' where the consumer needs none
 */
export function deliveryId(key: string, dataQueue: string, connectionId: string): string {
  return v5(JSON.stringify([key, dataQueue, connectionId]), NAMESPACE);
}
