/** Keys in one question, at most. */
export const MOST_KEYS_ASKED = 1_000;

/** What the database knows of an event. */
export type RecordedAnswer = 'recorded' | 'refused' | 'unknown';

/** The workflow `RECORDED_EVENTS_TYPE`: what the database knows of each event key, in the order of the keys. */
export type RecordedEvents = (keys: readonly string[]) => Promise<RecordedAnswer[]>;
