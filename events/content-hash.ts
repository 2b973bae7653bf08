import { hash } from 'node:crypto';
import type { DataOf, EventType } from './catalogue';
import { withoutContents } from './detach-attachments';

/**
 * SHA-256, hexadecimal, of the content of an event: type, site and data in internal form, in any order of keys.
 * Null and empty lists do not count, so a field that is added to the catalogue later changes no hash; files count by
 * their own hash, so it is the same with and without their bytes. Id and `receivedAt` do not count.
 */
export function contentHash(type: EventType, siteId: string, data: DataOf<EventType>): string {
  const content = type === 'OfflineMessage.Submit' ? withoutContents(data as DataOf<typeof type>) : data;
  return hash('sha256', `${type}/${siteId}/${canonicalJson(content)}`);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // An object of JSON.
  const object = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(object)
    .sort()
    .filter((key) => !isNone(object[key]))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  return `{${members.join()}}`;
}

function isNone(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
