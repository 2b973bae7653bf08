import { DeliveryFailure } from '../failures';

/** What is to come back within this keeps its slot of the connection's rate. */
const KEEP_SLOT_MS = 5_000;

/** Thrown while a send finds no place, or no memory for what it is to load: the destination has not heard of it. */
export class NoRoom extends DeliveryFailure {
  readonly keepsSlot: boolean;

  constructor(message: string, retryAfterMs: number) {
    super('Unavailable', message, { ours: true, retryAfterMs });
    this.keepsSlot = retryAfterMs <= KEEP_SLOT_MS;
  }
}
