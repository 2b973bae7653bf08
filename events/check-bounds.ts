import { isReferenceKey } from './resolve-references';

/** Limit of one event: bytes of its data as JSON. The same at every door. */
export const MAX_EVENT_BYTES = 20 * 1024 * 1024;
export const MAX_DEPTH = 64;
export const MAX_VALUES = 200_000;
const TOO_LARGE = `is larger than ${MAX_EVENT_BYTES} bytes of JSON`;
/** The seed's one `byte[]`. */
const CONTENT = /^AttachmentContent$/i;

/** Findings of the check. */
export interface Met {
  references: boolean;
}

/** @returns why the data are too large to be read, or undefined. It stops at the first limit, also in a circular object. */
export function checkBounds(data: unknown, met: Met = { references: false }): string | undefined {
  let values = 0;
  let bytes = 0;
  const walk = (value: unknown, depth: number, isContent = false): string | undefined => {
    values++;
    // Never more than the bytes of its JSON: commas and escapes are not counted.
    bytes += typeof value === 'string' ? Buffer.byteLength(value) + 2 : 1;
    if (values > MAX_VALUES) return `has more than ${MAX_VALUES} values`;
    if (bytes > MAX_EVENT_BYTES) return TOO_LARGE;
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth === MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    if (Array.isArray(value)) {
      // Each byte of a file is a number of two characters or more, and becomes none of the event's values.
      if (isContent && value.every((item) => typeof item === 'number')) {
        bytes += 2 * value.length;
        return bytes > MAX_EVENT_BYTES ? TOO_LARGE : undefined;
      }
      for (const item of value) {
        const problem = walk(item, depth + 1);
        if (problem !== undefined) return problem;
      }
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (isReferenceKey(key)) met.references = true;
      bytes += Buffer.byteLength(key) + 3;
      // Any object can be looked into by its own keys.
      const problem = walk((value as Record<string, unknown>)[key], depth + 1, isContent || CONTENT.test(key));
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return walk(data, 0);
}
