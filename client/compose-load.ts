import { catalogue, type EventType } from '../events/catalogue';
import type { EventDefinition } from '../events/define-event';
import type { WaitingRoom } from './waiting-room';

/** When an event goes in one workflow with others: whenever others wait, only when many wait, or never. */
export type Company = 'always' | 'when many wait' | 'never';

/** An event that waits for a start. */
export interface Passenger {
  readonly siteId: string;
  readonly bytes: number;
  /** Of the event. */
  readonly key: string;
  readonly company: Company;
}

/** What is together in one workflow keeps its input well below what Temporal warns about (512 kB). */
export const RIDE_BYTES = 200_000;
/** An event with more bytes of JSON has a workflow to itself. */
export const ALONE_BYTES = 32_768;

/** As its type and size have it. */
export function companyOf(type: string, bytes: number): Company {
  if (bytes > ALONE_BYTES) return 'never';
  // A journal may hold events of a later version, with types that this one does not know.
  const { batched = true }: Partial<EventDefinition> =
    (catalogue as Partial<typeof catalogue>)[type as EventType] ?? {};
  return batched ? 'always' : 'when many wait';
}

export interface LoadLimits {
  /** Most events in one workflow. */
  readonly maxRide: number;
  /** So many have to wait before the types that normally have a workflow each ride, too. */
  readonly rideFrom: number;
}

/** Takes out of the room what goes in one workflow next: one event, or several of different keys, of all sites in turn. */
export function composeLoad<T extends Passenger>(room: WaitingRoom<T>, { maxRide, rideFrom }: LoadLimits): T[] {
  const many = room.size >= rideFrom;
  const rides = ({ company }: T): boolean => company === 'always' || (many && company === 'when many wait');
  const load: T[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  const fits = (one: T): boolean => {
    if (load.length === 0) return true;
    return rides(one) && bytes + one.bytes <= RIDE_BYTES && !keys.has(one.key);
  };
  while (load.length < maxRide) {
    const one = room.takeNext(fits);
    if (one === undefined) break;
    load.push(one);
    keys.add(one.key);
    bytes += one.bytes;
    if (!rides(one)) break;
  }
  return load;
}
