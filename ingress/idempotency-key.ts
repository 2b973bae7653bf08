import type { IncomingMessage } from 'node:http';
import { RequestRefused } from './problem';

/** In quotes, as the draft of the header has it (draft-ietf-httpapi-idempotency-key-header), or bare, as most callers send it. */
const KEY = /^(?:"((?:[^"\\]|\\["\\])*)"|([^"]*))$/;

/**
 * The id that the header names; undefined without one.
 *
 * @throws RequestRefused
 */
export function readIdempotencyKey({ 'idempotency-key': header }: IncomingMessage['headers']): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, bare] = (!Array.isArray(header) && KEY.exec(header)) || [];
  const id = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? bare;
  if (id !== undefined && /^[\x20-\x7e]*$/.test(id)) return id;
  const message =
    'Nothing was published: Idempotency-Key is no id. Send one id of printable ASCII characters, bare or in quotes.';
  throw new RequestRefused('InvalidRequest', message);
}
