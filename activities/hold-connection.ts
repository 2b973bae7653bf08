import type { TakenDelivery } from '../db/take-deliveries';
import type { InFlight } from './connections/in-flight';
import type { DeliveryFailure } from './failures';

/** Whatever a destination asks for, one delivery finds out after so long whether it still holds. */
const LONGEST_HOLD_MS = 3_600_000;

interface Held {
  readonly inFlight: Pick<InFlight, 'hold' | 'isHeld'>;
}

/** Why a delivery found no place. */
export const whyNoRoom = ({ connectionId, connection }: TakenDelivery, { inFlight }: Held): string =>
  connectionId !== null && connection !== null && inFlight.isHeld(connectionId, connection.edition)
    ? 'Its destination has asked the connection to come back later.'
    : 'As many as its connection and its site may have are being sent.';

/** What was refused for a reason of the whole account is not tried with every other delivery of the connection. */
export function holdConnection(
  { connectionId, connection }: TakenDelivery,
  { ofConnection, retryAfterMs }: DeliveryFailure,
  { inFlight }: Held,
): void {
  if (!ofConnection || retryAfterMs === undefined || connectionId === null || connection === null) return;
  inFlight.hold(connectionId, Math.min(retryAfterMs, LONGEST_HOLD_MS), connection.edition);
}
