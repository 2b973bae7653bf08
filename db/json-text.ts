const NOT_STORABLE = /[\0\p{Surrogate}]/gu;

/**
 * JSON that PostgreSQL accepts: without U+0000 and lone surrogates, so that a destination's answer never keeps an outcome from
 * being written.
 */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) => (typeof one === 'string' ? one.replace(NOT_STORABLE, '\ufffd') : one));
