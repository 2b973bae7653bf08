/** Keys in one question, at most. */
export const MOST_KEYS_ASKED = 1_000;

/** The state of an event in the database. */
export type RecordedAnswer = 'recorded' | 'refused' | 'unknown';

/** The workflow `RECORDED_EVENTS_TYPE`: the state of each event key in the database, in the order of the keys. */
export type RecordedEvents = (keys: readonly string[]) => Promise<RecordedAnswer[]>;
