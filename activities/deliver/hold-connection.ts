import type { TakenDelivery } from '../../db/take-deliveries';
import type { InFlight } from '../connections/in-flight';
import { DeliveryFailure } from '../failures';

/** A destination that asks for more is tried with one delivery after this. */
const LONGEST_HOLD_MS = 3_600_000;

interface Held {
  readonly inFlight: Pick<InFlight, 'hold' | 'endHold' | 'isHeld'>;
}

/** The message of a delivery that found no place. */
export const whyNoRoom = ({ connectionId, connection }: TakenDelivery, { inFlight }: Held): string =>
  connectionId !== null && connection !== null && inFlight.isHeld(connectionId, connection.edition)
    ? 'Its destination has asked the connection to come back later.'
    : 'Its connection or its site has as many sends under way as it may.';

/**
 * A refusal that holds for the whole account stops the other deliveries of its connection for a while; any other answer to a send
 * that began at `since` ends that.
 *
 * @param error of the send; undefined: it was accepted
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
