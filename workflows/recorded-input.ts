import type { RecordedEvent } from '../activities/record/read-recorded';

/** An event that the database knows already. */
export interface RecordedInput {
  readonly key: string;
  /** What the run that continued as new knew: shown until the rows are read, so that nobody ever sees an empty page. */
  readonly known?: RecordedEvent;
}

/** Those of a batch that the database knows already; the run that continued as new left their data behind. */
export interface RecordedBatch {
  readonly keys: readonly string[];
}

/** Anything else is recorded, and refused there if it is no event. */
export function isRecorded(input: unknown): input is RecordedInput | RecordedBatch {
  if (typeof input !== 'object' || input === null || 'data' in input) return false;
  if ('key' in input) return typeof input.key === 'string';
  const keys = 'keys' in input && Array.isArray(input.keys) ? input.keys : [];
  return keys.length > 0 && keys.every((key) => typeof key === 'string');
}

/** As this workflow writes it; a client may have sent anything under that name. */
export function isOurs(known: unknown, key: string): known is RecordedEvent {
  const hasTexts = (value: unknown, ...names: string[]): value is Record<string, unknown> =>
    typeof value === 'object' &&
    value !== null &&
    // any object can be looked into by names
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
  if (!hasTexts(known, 'key', 'type', 'siteId') || known['key'] !== key) return false;
  const { deliveries } = known;
  return (
    Array.isArray(deliveries) && deliveries.every((one) => hasTexts(one, 'id', 'label', 'consumer', 'mode', 'state'))
  );
}
