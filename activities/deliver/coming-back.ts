import { DeliveryFailure } from '../failures';

/** The attempt is repeated later, for a reason of ours: it costs no try. */
export const comingBack = (message: string, retryAfterMs = 1_000): DeliveryFailure =>
  new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs });
