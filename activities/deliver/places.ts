import type { FreeDelivery } from '../../db/read-standings';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { InFlight, Leave } from '../connections/in-flight';
import type { Slots } from '../connections/slots';

/** A send holds, for as long as it takes, a slot of its site and a place at its connection. */
export interface Places {
  readonly leaveSlot: Leave;
  readonly leaveConnection: Leave;
}

export function leaveBoth({ leaveSlot, leaveConnection }: Places, isUnused?: true): void {
  leaveConnection(isUnused);
  leaveSlot(isUnused);
}

export interface Room {
  readonly inFlight: InFlight;
  readonly slots: Slots;
}

/** Takes both for a delivery that has an activity of its own. @returns milliseconds to wait, when one of them is not free */
export function takePlaces({ connection, connectionId, event }: TakenDelivery, room: Room): Places | number {
  const leaveSlot = room.slots.enter(event.siteId, true);
  if (typeof leaveSlot === 'number') return leaveSlot;
  if (connection === null || connectionId === null) return { leaveSlot, leaveConnection: () => {} };
  const leaveConnection = room.inFlight.enter(connectionId, connection.maxInFlight, connection.edition);
  if (typeof leaveConnection === 'function') return { leaveSlot, leaveConnection };
  leaveSlot(true);
  return leaveConnection;
}

/** Takes both for as many deliveries of a batch as there is room for now; the result is by delivery id. */
export function takeBatchPlaces(left: readonly FreeDelivery[], { inFlight, slots }: Room): Map<string, Places> {
  const placed = new Map<string, Places>();
  const full = new Set<string | null>();
  for (const { id, siteId, connectionId, maxInFlight, edition } of left) {
    if (full.has(connectionId ?? siteId)) continue;
    const leaveConnection =
      connectionId === null ? () => {} : inFlight.enterAsBatch(connectionId, maxInFlight ?? 1, edition ?? 0);
    const leaveSlot = leaveConnection && slots.enter(siteId, false);
    if (leaveConnection !== null && typeof leaveSlot === 'function') placed.set(id, { leaveSlot, leaveConnection });
    else {
      leaveConnection?.(true);
      full.add(connectionId ?? siteId);
    }
  }
  return placed;
}

/** False while the site is slow, or the destination has asked the connection to come back later. */
export const mayFindRoom = ({ siteId, connectionId, edition }: FreeDelivery, { inFlight, slots }: Room): boolean =>
  !slots.isSlow(siteId) && (connectionId === null || !inFlight.isHeld(connectionId, edition ?? 0));

/** Milliseconds until each delivery of a batch may find room, by id; the same for all of one connection. */
export function estimateWaits(left: readonly FreeDelivery[], { inFlight, slots }: Room): Map<string, number> {
  const ofLane = new Map<string, number>();
  const each = new Map<string, number>();
  for (const { id, connectionId, siteId, maxInFlight } of left) {
    const lane = connectionId ?? siteId;
    const waitMs =
      ofLane.get(lane) ?? (slots.isSlow(siteId) ? slots.waitMs(siteId) : inFlight.waitMs(lane, maxInFlight ?? 1));
    ofLane.set(lane, waitMs);
    each.set(id, waitMs);
  }
  return each;
}
