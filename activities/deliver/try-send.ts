import { setTimeout as delay } from 'node:timers/promises';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { ExternalConsumer } from '../consumer';
import { DeliveryFailure, PAUSED } from '../failures';
import { comingBack } from './coming-back';
import type { DeliverCall } from './deliver-call';
import { noteForConnection, whyNoRoom } from './hold-connection';
import { NoRoom } from './no-room';
import type { AttemptResult } from './outcome-of';
import { leaveBoth, type Places } from './places';
import { sendOne } from './send-one';

/** A lease outlives the request's deadline by this, so that no other attempt can begin while a send is still running. */
export const LEASE_MARGIN_MS = 10_000;
/** A slot of the connection's rate that is no further away is waited for. */
const WAIT_FOR_SLOT_MS = 1_000;

interface Try {
  readonly consumer: ExternalConsumer;
  readonly row: TakenDelivery;
  readonly claimedAt: number;
  readonly place: () => Places | number;
  /** Failures of connections that broke during this activity, by connection id. */
  readonly broken: Map<string | null, unknown>;
  readonly call: DeliverCall;
  readonly onLate: () => void;
}

/** Sends a claimed delivery, unless something is in its way; never throws. */
export async function trySend(given: Try): Promise<AttemptResult> {
  const { consumer, row, claimedAt, place, broken, call, onLate } = given;
  const started = performance.now();
  const done = (rest: Omit<AttemptResult, 'taken' | 'durationMs'>): AttemptResult => ({
    taken: row,
    durationMs: performance.now() - started,
    ...rest,
  });
  const obstacle = findObstacle(row) ?? broken.get(row.connectionId);
  if (obstacle !== undefined) return done({ error: obstacle, unsent: true });
  const { slotInMs, connectionId } = row;
  if (slotInMs !== null && slotInMs > WAIT_FOR_SLOT_MS) {
    const error = comingBack('The rate of the connection allows it later.', slotInMs);
    return done({ error, unsent: true, slotReserved: true });
  }
  const places = place();
  if (typeof places === 'number') return done({ error: new NoRoom(whyNoRoom(row, call), places), unsent: true });
  if (slotInMs !== null && slotInMs > 0) await delay(slotInMs);
  if (performance.now() - claimedAt > LEASE_MARGIN_MS / 2) {
    leaveBoth(places, true);
    const error = comingBack('The claim took so long that the send might outlive its lease.');
    return done({ error, unsent: true });
  }
  try {
    const isLate = (): void => {
      places.leaveSlot(); // its activity ends; the place at the connection stays taken
      onLate();
    };
    const receipt = await sendOne(consumer, row, call, isLate);
    noteForConnection(row, undefined, started, call);
    return done({ receipt });
  } catch (error) {
    if (error instanceof DeliveryFailure && error.type === 'ConnectionBroken') broken.set(connectionId, error);
    noteForConnection(row, error, started, call);
    return done({ error, ...(error instanceof NoRoom && { unsent: true }) });
  } finally {
    leaveBoth(places);
  }
}

/** Why the delivery cannot be sent at all as things are. */
function findObstacle({ paused, connection, connectionId }: TakenDelivery): DeliveryFailure | undefined {
  if (paused) return new DeliveryFailure(PAUSED.type, PAUSED.message);
  if (connection?.state === 'broken') return new DeliveryFailure('ConnectionBroken', connection.brokenReason ?? '');
  if (connectionId === null || connection !== null) return undefined;
  return new DeliveryFailure('InvalidConfig', 'Its connection was removed; discard the delivery.');
}
