import type { TakenDelivery } from '../../db/take-deliveries';
import type { InFlight } from '../connections/in-flight';
import { DeliveryFailure } from '../failures';

/** However long a destination asks to wait, after this time one delivery tries whether it still refuses. */
const LONGEST_HOLD_MS = 3_600_000;

interface Held {
  readonly inFlight: Pick<InFlight, 'hold' | 'endHold' | 'isHeld'>;
}

/** Why a delivery found no place. */
export const whyNoRoom = ({ connectionId, connection }: TakenDelivery, { inFlight }: Held): string =>
  connectionId !== null && connection !== null && inFlight.isHeld(connectionId, connection.edition)
    ? 'Its destination has asked the connection to come back later.'
    : 'As many as its connection and its site may have are being sent.';

/**
 * What was refused for a reason of the whole account is not tried with every other delivery of the connection; any other answer to
 * a send that began at `since` says that the account is heard again.
 *
 * @param error of the send; undefined: it was taken
 */
export function noteForConnection(
  { connectionId, connection }: TakenDelivery,
  error: unknown,
  since: number,
  { inFlight }: Held,
): void {
  if (connectionId === null || connection === null) return;
  if (error === undefined) return inFlight.endHold(connectionId, since);
  if (!(error instanceof DeliveryFailure) || error.ours) return;
  const { ofConnection, retryAfterMs } = error;
  if (!ofConnection) return inFlight.endHold(connectionId, since);
  if (retryAfterMs === undefined) return;
  inFlight.hold(connectionId, Math.min(retryAfterMs, LONGEST_HOLD_MS), connection.edition);
}
