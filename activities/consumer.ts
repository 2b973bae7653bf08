import type { Tx } from '../db/tx';
import type { ChatEvent } from '../events/catalogue';

/** The code for one kind of destination. */
export type Consumer = InDatabaseConsumer | ExternalConsumer;

/** Writes into our own database; effect and delivery row are one transaction. */
export interface InDatabaseConsumer {
  readonly kind: 'inDatabase';
  /** Writes the effect of all events at once; writing an event again changes nothing. */
  write(tx: Tx, events: readonly ChatEvent[]): Promise<void>;
}

/** Sends to a destination outside; the delivery id is the idempotency key there. */
export interface ExternalConsumer {
  readonly kind: 'external';
  /** Longest time one send may take, in milliseconds; well below the activity's startToClose. */
  readonly requestTimeoutMs: number;
  /** Sends one delivery; resolves with a receipt (ids and addresses, nothing personal) or throws a DeliveryFailure. */
  send(request: SendRequest): Promise<Record<string, unknown>>;
}

export interface SendRequest {
  readonly deliveryId: string;
  readonly event: ChatEvent;
  readonly connectionId: string | null;
  /** Aborted at the deadline and when the attempt is cancelled. */
  readonly signal: AbortSignal;
}
