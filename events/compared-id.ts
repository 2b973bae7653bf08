import { canonicalId } from './kinds/guid';
import type { IdKind } from './kinds/kind';

/** An id that an event has, in the form in which it is compared. */
export interface EventId {
  readonly kind: IdKind;
  readonly value: string;
}

/** In the order in which commands name them. */
export const ID_KINDS = ['chat', 'session', 'ticket', 'visitor', 'email'] as const satisfies readonly IdKind[];

/** A value, as ids of its kind are compared. */
export function comparedId(kind: IdKind, text: string): EventId {
  return { kind, value: kind === 'email' ? text.trim().toLowerCase() : canonicalId(text) };
}
