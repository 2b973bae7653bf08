import type { Pool } from 'pg';
import { findAbandonedRuns, forgetAbandonedRun } from './abandoned-runs';
import { discardDeliveries, handOverDeliveries, redriveDeliveries } from './change-deliveries';
import { readAttachments, saveProgress, type Progress } from './delivery-parts';
import { findRecorded } from './find-recorded';
import { findRoutes } from './find-routes';
import { insertEvents } from './insert-events';
import { insertRefusedEvents } from './insert-refused-events';
import { readDeliveries } from './read-deliveries';
import { countParked, discardParked, resumeDeliveries } from './resume-deliveries';
import { reviveDeliveries } from './revive-deliveries';
import { settleDeliveries, settleEach, type Outcome, type SettleOptions } from './settle-deliveries';
import { giveRenewalBack, readSignIn, takeRenewal, writeSignIn } from './sign-ins';
import { findResuming, finishResuming } from './subscriptions';
import { claimLeftAlone, findForeignOwners, lookAgain, lookLater, takeOver } from './sweep-deliveries';
import {
  claimDeliveries,
  claimEach,
  findFreeDeliveries,
  lockDeliveries,
  readEventData,
  readStandings,
  renewLease,
  type Claim,
} from './take-deliveries';
import { together } from './together';
import { inSavepoint, inTransaction, onPool, type Tx } from './tx';

/** Every statement that activities run, with the pool's ways to run them. */
export type Database = ReturnType<typeof createDatabase>;

/** Binds the statements to a pool; each takes `autocommit` or the `tx` of a transaction. */
export function createDatabase(pool: Pool) {
  const autocommit = onPool(pool);
  return {
    autocommit,
    transaction: <T>(work: (tx: Tx) => Promise<T>): Promise<T> => inTransaction(pool, work),
    savepoint: inSavepoint,
    findRecorded,
    findRoutes,
    insertEvents,
    insertRefusedEvents,
    readDeliveries,
    lockDeliveries,
    claimDeliveries,
    /** One delivery, in a statement with those that others claim at this moment. @returns undefined where it is not free */
    claimTogether: together(async (claims: readonly Claim[]) => {
      const taken = await claimEach(autocommit, claims);
      return new Map(taken.map((one) => [one.id, one]));
    }),
    findFreeDeliveries,
    readEventData,
    readStandings,
    renewLease,
    settleDeliveries,
    /** One outcome, in a statement with those that others settle at this moment. @returns whether its row took it */
    settleTogether: together(async (outcomes: readonly (Outcome & SettleOptions)[]) =>
      asTaken(await settleEach(autocommit, outcomes)),
    ),
    readAttachments,
    saveProgress,
    /** Like settleTogether. */
    saveProgressTogether: together(async (progress: readonly Progress[]) =>
      asTaken(await saveProgress(autocommit, progress)),
    ),
    readSignIn,
    takeRenewal,
    giveRenewalBack,
    writeSignIn,
    redriveDeliveries,
    discardDeliveries,
    handOverDeliveries,
    reviveDeliveries,
    claimLeftAlone,
    lookLater,
    lookAgain,
    takeOver,
    findForeignOwners,
    findAbandonedRuns,
    forgetAbandonedRun,
    resumeDeliveries,
    discardParked,
    countParked,
    findResuming,
    finishResuming,
  };
}

const asTaken = (ids: readonly string[]): ReadonlyMap<string, true> => new Map(ids.map((id) => [id, true]));
