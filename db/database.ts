import type { Pool } from 'pg';
import { eraseEvents } from './erase-events';
import { eraseLater, findWorkflowsToErase, noteErased, noteErasedAgain } from './erasures';
import { findAbandonedRuns, forgetAbandonedRun } from './abandoned-runs';
import { findLostClusters } from './cluster-reach';
import { discardDeliveries, handOverDeliveries, redriveDeliveries } from './change-deliveries';
import { fillIds, findWithoutIds } from './fill-ids';
import { findRecorded } from './find-recorded';
import { findRoutes } from './find-routes';
import { groupCommit } from './group-commit';
import { keepIdKey, readIdKey } from './id-key';
import { inTurns } from './in-turns';
import { insertEvents } from './insert-events';
import { insertRefusedEvents } from './insert-refused-events';
import { pruneEvents, pruneRefused, pruneTombstones } from './prune-events';
import { pruneRows } from './prune-rows';
import { readAttachments } from './read-attachments';
import { readDeliveries } from './read-deliveries';
import { readGauges } from './read-gauges';
import { findFreeDeliveries, readEventData, readStandings } from './read-standings';
import { findDelivered, takeSlot } from './resend-deliveries';
import {
  countLeftOut,
  countParked,
  countWaiting,
  discardParked,
  resumeDeliveries,
  wakeWaiting,
} from './resume-deliveries';
import { readRetention } from './retention';
import { reviveDeliveries } from './revive-deliveries';
import { saveProgress, type Progress } from './save-progress';
import { settleDeliveries, type Outcome } from './settle-deliveries';
import { giveRenewalBack, readFirstEnds, readSignIn, takeRenewal, writeSignIn } from './sign-ins';
import { findResuming, finishResuming } from './subscriptions';
import { claimLeftAlone, findForeignOwners, lookAgain, lookLater } from './sweep-deliveries';
import { countTakenOver, takeOver, takeOverLost } from './take-over';
import { claimDeliveries, lockDeliveries, renewLease, type Claim } from './take-deliveries';
import { makeDue } from './wake-deliveries';
import { inSavepoint, inTransaction, onPool, type Session, type Tx } from './tx';

/** Every statement that activities run. */
const statements = {
  readIdKey,
  keepIdKey,
  findWithoutIds,
  fillIds,
  findWorkflowsToErase,
  eraseEvents,
  eraseLater,
  noteErased,
  noteErasedAgain,
  findRecorded,
  findRoutes,
  insertEvents,
  insertRefusedEvents,
  readDeliveries,
  lockDeliveries,
  claimDeliveries,
  findFreeDeliveries,
  readEventData,
  readStandings,
  renewLease,
  settleDeliveries,
  readAttachments,
  saveProgress,
  readSignIn,
  takeRenewal,
  giveRenewalBack,
  writeSignIn,
  readFirstEnds,
  readGauges,
  redriveDeliveries,
  makeDue,
  discardDeliveries,
  handOverDeliveries,
  reviveDeliveries,
  claimLeftAlone,
  lookLater,
  lookAgain,
  takeOver,
  takeOverLost,
  countTakenOver,
  findForeignOwners,
  findLostClusters,
  findAbandonedRuns,
  forgetAbandonedRun,
  resumeDeliveries,
  discardParked,
  countParked,
  countLeftOut,
  wakeWaiting,
  countWaiting,
  findResuming,
  finishResuming,
  readRetention,
  findDelivered,
  takeSlot,
  pruneEvents,
  pruneRefused,
  pruneTombstones,
  pruneRows,
} satisfies Readonly<Record<string, (session: Session, ...args: never[]) => Promise<unknown>>>;

type Bound<Statement> = Statement extends (session: Session, ...args: infer Args) => infer Result
  ? (...args: Args) => Result
  : never;

/** The statements, and the session that they run on. */
export type Statements = Session & { readonly [Name in keyof typeof statements]: Bound<(typeof statements)[Name]> };

/** One transaction: its statements take effect together. */
export type Transaction = Statements & {
  /** Runs `work` behind a savepoint: when it throws, its writes are undone, and the transaction goes on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
};

export interface DatabaseOptions {
  /** Seconds after which the sweep looks at a pending delivery that is due. Default 60. */
  readonly overdueAfterSeconds?: number;
}

/** The statements as methods of a session, so that a transaction does not bind each of them. */
const methods = Object.fromEntries(
  Object.entries<(session: Session, ...args: never[]) => unknown>(statements).map(([name, run]) => [
    name,
    function (this: Session, ...args: never[]) {
      return run(this, ...args);
    },
  ]),
);

/** The statements as methods of a pool's sessions or of a transaction. */
export function withStatements(tx: Tx, { overdueAfterSeconds = 60 }: DatabaseOptions = {}): Statements {
  const session: Session = { query: (text, values) => tx.query(text, values), overdueAfterSeconds };
  return Object.assign(Object.create(methods) as Statements, session); // each name with its own statement
}

/**
 * Of a pool's connections, the share that transactions may hold. Those that write the same row (a visitor, a counter of a day) wait
 * for each other: more at once get no more done, hold each lock for longer, and leave no connection for the other statements.
 */
const SHARE_OF_TRANSACTIONS = 1 / 4;

export type Database = ReturnType<typeof createDatabase>;

/** Binds the statements to a pool: each runs by itself, or several in a transaction. */
export function createDatabase(pool: Pool, options?: DatabaseOptions) {
  const db = withStatements(onPool(pool), options);
  const inTurn = inTurns(Math.max(1, Math.floor((pool.options.max ?? 1) * SHARE_OF_TRANSACTIONS)));
  const bound = Object.entries(methods).map(([name, run]) => [name, run.bind(db)] as const);
  return {
    ...db,
    ...(Object.fromEntries(bound) as Omit<Statements, keyof Session>), // each name with its own statement
    /** Committed when `work` resolves, rolled back when it throws. A few at once; the others wait for their turn. */
    inTransaction: <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
      inTurn(() =>
        inTransaction(pool, (tx) =>
          work(
            Object.assign(withStatements(tx, options), {
              savepoint: <R>(inner: () => Promise<R>) => inSavepoint(tx, inner),
            }),
          ),
        ),
      ),
    /** Claims one delivery, in one statement with others that are claimed at this moment. @returns undefined if it is not free */
    claimDelivery: groupCommit(async (claims: readonly Claim[]) => {
      const taken = await db.claimDeliveries(claims);
      return new Map(taken.map((one) => [one.id, one]));
    }),
    /** Settles one delivery, likewise. @returns true if its row took the outcome */
    settleDelivery: groupCommit(async (outcomes: readonly Outcome[]) => asTaken(await db.settleDeliveries(outcomes))),
    /** Saves the progress of one delivery, likewise. @returns true if there is such a delivery */
    saveDeliveryProgress: groupCommit(async (progress: readonly Progress[]) =>
      asTaken(await db.saveProgress(progress)),
    ),
  };
}

const asTaken = (ids: readonly string[]): ReadonlyMap<string, true> => new Map(ids.map((id) => [id, true]));
