import type { EventType, PublishEventOptions, Receipt } from '../client';
import type { OpenPublisher } from '../client/create-publisher';
import type { CheckedEvent } from '../client/prepare-event';
import { catalogue } from '../events/catalogue';
import type { EventDefinition } from '../events/define-event';
import { readEventId, readEventType } from '../events/read-identity';
import { RequestRefused } from './problem';
import type { Grant } from './tokens';

/** An event as a request has it: nothing of it is checked. */
export interface GivenEvent {
  readonly type: unknown;
  /** An object, or JSON text. */
  readonly data: unknown;
  readonly id?: unknown;
  readonly siteId?: unknown;
  readonly receivedAt?: unknown;
}

/** How the form of a request names an event's id. */
export type IdPlace = 'header Idempotency-Key' | 'attribute id' | 'key id';

/**
 * Checks an event and whether the token is for its site.
 *
 * @throws InvalidEvent, EventTooLarge, RequestRefused
 */
export function checkEvent(
  publisher: OpenPublisher,
  { type, data, ...options }: GivenEvent,
  { grant, idPlace }: { readonly grant: Grant; readonly idPlace: IdPlace },
): CheckedEvent {
  requireId(type, options.id, idPlace);
  // The publisher checks type, data and the values of the options.
  const event = publisher.prepare(type as EventType, data as object, options as PublishEventOptions);
  if (!grant.maySendFor(event.siteId)) {
    const message = `${event.key} was not published: the token ${grant.name} is not for site ${event.siteId}. Use a token of this site.`;
    throw new RequestRefused('SiteNotAllowed', message);
  }
  return event;
}

/** Checks and publishes. */
export async function acceptEvent(...args: Parameters<typeof checkEvent>): Promise<Receipt> {
  return args[0].accept(checkEvent(...args));
}

/** Without an id, a request that is sent again would be a second event. */
function requireId(type: unknown, id: unknown, place: IdPlace): void {
  const known = readEventType(type);
  if (known === undefined || readEventId(id) !== null) return;
  const definition: EventDefinition = catalogue[known];
  if (definition.naturalId !== undefined) return;
  const message = `${known} was not published: it has no id of its own. Name one in the ${place}, and send the same one when you try again.`;
  throw new RequestRefused('IdRequired', message);
}
