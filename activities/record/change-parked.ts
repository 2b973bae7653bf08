import { ApplicationFailure } from '@temporalio/activity';
import type { Database } from '../../db/database';
import { ownerHere } from '../owner-here';
import type { KeysInput } from './read-recorded';

export interface ChangeInput extends KeysInput {
  /** Data queues, with or without #n; none = all that is parked. */
  readonly queues: readonly string[];
}

export interface ChangeDeps {
  readonly db: Database;
  readonly clusterName: string;
}

/** The signal `redrive`: parked deliveries become pending, and those that wait are due now. @returns how many */
export async function redriveParked({ keys, queues }: ChangeInput, deps: ChangeDeps): Promise<number> {
  return await deps.db.redriveDeliveries({ keys, queues }, ownerHere(deps));
}

/**
 * The signal `discard`: gives up all parked deliveries; or those of the named queues, pending ones included.
 *
 * @throws ApplicationFailure retryable, while some of them are being sent
 */
export async function discardParked({ keys, queues }: ChangeInput, deps: ChangeDeps): Promise<void> {
  const busy = await deps.db.discardDeliveries({ keys, queues }, ownerHere(deps));
  if (busy > 0) {
    const message = `${busy} deliveries are being sent; they are discarded when those attempts have ended.`;
    throw ApplicationFailure.retryable(message, 'Unavailable');
  }
}
