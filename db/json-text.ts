const NOT_STORABLE = /[\0\p{Surrogate}]/gu;

/**
 * JSON as Postgres takes it, which has neither U+0000 nor half a surrogate pair: what a destination says must not keep an
 * outcome from being written.
 */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) => (typeof one === 'string' ? one.replace(NOT_STORABLE, '\ufffd') : one));
