import type { EventType } from './catalogue';
import { eventKey } from './event-key';
import { EVENT_TYPES } from './event-types';
import { trimBlanks } from './kinds/blanks';
import { canonicalGuid, EMPTY_GUID } from './kinds/guid';
import { readSiteId } from './kinds/read-site-id';
import { integerText } from './kinds/whole-numbers';

const types = new Map(EVENT_TYPES.map((type): [string, EventType] => [type.toLowerCase(), type]));

/** The type in the catalogue's spelling; undefined for a name that is no type. */
export function readEventType(value: unknown): EventType | undefined {
  return typeof value === 'string' ? types.get(trimBlanks(value).toLowerCase()) : undefined;
}

/** The id that is named beside the data: null for none, such as .NET's defaults; undefined for a value that is no id. */
export function readEventId(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  if (typeof value !== 'string') return integerText(value);
  const trimmed = trimBlanks(value);
  const id = canonicalGuid(trimmed) ?? trimmed;
  return id === '' || id === EMPTY_GUID ? null : id;
}

/** The key of an event that is published with these three; undefined where they make no key. */
export function readEventKey(text: string): string | undefined {
  const [typeText = '', siteText = '', ...rest] = text.split('/');
  const type = readEventType(typeText);
  const siteId = readSiteId(trimBlanks(siteText));
  const id = readEventId(rest.join('/'));
  return type !== undefined && siteId !== undefined && id ? eventKey({ type, siteId, id }) : undefined;
}
