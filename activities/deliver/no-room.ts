import { DeliveryFailure } from '../failures';

/** A delivery that is tried again within this keeps its slot of the connection's rate. */
const KEEP_SLOT_MS = 5_000;

/** Thrown when a send finds no place, or no memory for its event; nothing was sent. */
export class NoRoom extends DeliveryFailure {
  readonly keepsSlot: boolean;

  constructor(message: string, retryAfterMs: number) {
    super('Unavailable', message, { ours: true, retryAfterMs });
    this.keepsSlot = retryAfterMs <= KEEP_SLOT_MS;
  }
}
