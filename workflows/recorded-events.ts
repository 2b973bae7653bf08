import { ApplicationFailure, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import { MOST_KEYS_ASKED, type RecordedAnswer } from '../protocol/recorded-events';

// The publisher asks again after a failure; a timeout of the workflow limits how long it is tried.
const { findRecorded } = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 s' });

/**
 * The state of each event key in the database, in the order of the keys. A publisher drops an event from its journal only on this
 * answer, which proves cluster, workers and database at once.
 */
export async function recordedEvents(keys: readonly string[]): Promise<RecordedAnswer[]> {
  if (!Array.isArray(keys) || keys.length > MOST_KEYS_ASKED || !keys.every((key) => typeof key === 'string')) {
    throw ApplicationFailure.nonRetryable(`Expected a list of up to ${MOST_KEYS_ASKED} event keys.`, 'InvalidInput');
  }
  const found = new Map((await findRecorded({ keys })).map(({ key, answer }) => [key, answer]));
  return keys.map((key) => found.get(key) ?? 'unknown');
}
