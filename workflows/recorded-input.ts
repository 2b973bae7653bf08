import type { RecordedEvent } from '../activities/record/recorded-event';

/** An event that the database knows already. */
export interface RecordedInput {
  readonly key: string;
  /** The states that the run before knew: shown until the rows are read, so that the Web UI never shows an empty page. */
  readonly known?: RecordedEvent;
}

/** The events of a batch that the database knows already; the run that continued as new left their data behind. */
export interface RecordedBatch {
  readonly keys: readonly string[];
}

/** Any other input goes to recordEvents, which refuses it if it is no event. */
export function isRecorded(input: unknown): input is RecordedInput | RecordedBatch {
  if (typeof input !== 'object' || input === null || 'data' in input) return false;
  if ('key' in input) return typeof input.key === 'string';
  const keys = 'keys' in input && Array.isArray(input.keys) ? input.keys : [];
  return keys.length > 0 && keys.every((key) => typeof key === 'string');
}

/** True for a value as this workflow writes it; a client may have sent anything under that name. */
export function isOurs(known: unknown, key: string): known is RecordedEvent {
  const hasTexts = (value: unknown, ...names: string[]): value is Record<string, unknown> =>
    typeof value === 'object' &&
    value !== null &&
    // an object can be read by any name
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
  if (!hasTexts(known, 'key', 'type', 'siteId') || known['key'] !== key) return false;
  const { deliveries } = known;
  return (
    Array.isArray(deliveries) && deliveries.every((one) => hasTexts(one, 'id', 'label', 'consumer', 'mode', 'state'))
  );
}
