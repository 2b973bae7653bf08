const MAX_BYTES = 255;
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^ | $/u;

interface Identity {
  readonly type: string;
  readonly siteId: string;
  readonly id: string;
}

/**
 * The key of an event, `{type}/{siteId}/{id}`: id of its workflow and primary key of its row. Type and site are in it,
 * so that no site can shadow another's event.
 */
export function eventKey({ type, siteId, id }: Identity): string {
  return `${type}/${siteId}/${id}`;
}

/** The problem of the id as part of a key, or undefined. A key is printable and has at most 255 bytes in UTF-8. */
export function eventKeyProblem(identity: Identity): string | undefined {
  if (identity.id === '') return 'must not be empty';
  if (NOT_PRINTABLE.test(identity.id)) {
    return 'must be printable: no control characters, no white space other than plain spaces inside';
  }
  const spare = MAX_BYTES - Buffer.byteLength(eventKey({ ...identity, id: '' }));
  return Buffer.byteLength(identity.id) > spare ? `must have at most ${spare} bytes in UTF-8` : undefined;
}
