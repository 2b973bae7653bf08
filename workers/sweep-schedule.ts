import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleClient,
  type ScheduleDescription,
  type ScheduleOptions,
  type WorkflowClient,
} from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { MAINTENANCE_PRIORITY, TASK_QUEUE } from '../protocol/constants';
import type { WorkerConfig } from './config';

export const SWEEP_SCHEDULE = 'sweep';
/** Rounds that a cluster missed while it was down are not made up for. */
const CATCH_UP_MS = 10_000;
/** A round that hangs would keep all later ones from starting. */
const ROUND_TIMEOUT_MS = 120_000;

const START_WITHIN_MS = 5_000;

type SweepConfig = Pick<WorkerConfig, 'SWEEP_EVERY_SECONDS'>;

/** How the schedule of the sweep is on a cluster. */
export interface SweepStanding {
  /** other: its specification differs from the one of a worker of this version and configuration. */
  readonly state: 'ok' | 'missing' | 'paused' | 'other';
  /** In words, for people. */
  readonly says: string;
}

/** Makes the schedule, or gives it this version's specification; one that is paused stays paused. */
export async function ensureSweepSchedule(client: ScheduleClient, config: SweepConfig): Promise<void> {
  const wanted = makeSchedule(config);
  const known = await findSweepSchedule(client);
  if (known === undefined) {
    await client.create({ scheduleId: SWEEP_SCHEDULE, ...wanted }).catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error; // another worker made it just now
    });
  } else if (!isDeepStrictEqual(specified(known), specified(wanted))) {
    await client.getHandle(SWEEP_SCHEDULE).update(({ state }) => ({ ...wanted, state })); // paused stays paused
  }
}

/** Starts a round now, unless one is under way. */
export async function startSweep(client: WorkflowClient): Promise<void> {
  const schedules = new ScheduleClient({ connection: client.connection, namespace: client.options.namespace });
  await client.withDeadline(Date.now() + START_WITHIN_MS, () => schedules.getHandle(SWEEP_SCHEDULE).trigger());
}

/** Undefined: the namespace has none. */
export async function findSweepSchedule(client: ScheduleClient): Promise<ScheduleDescription | undefined> {
  return await client
    .getHandle(SWEEP_SCHEDULE)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    });
}

/** Whether rounds are started as they should be. */
export async function inspectSweepSchedule(client: ScheduleClient, config: SweepConfig): Promise<SweepStanding> {
  const known = await findSweepSchedule(client);
  if (known === undefined) return { state: 'missing', says: 'there is no schedule "sweep"' };
  const { paused, note, remainingActions } = known.state;
  if (paused) return { state: 'paused', says: `the schedule "sweep" is paused${note ? ` (${note})` : ''}` };
  if (remainingActions === 0) return { state: 'paused', says: 'the schedule "sweep" has no actions left' };
  if (!isDeepStrictEqual(specified(known), specified(makeSchedule(config))))
    return {
      state: 'other',
      says: 'the schedule "sweep" is not as a worker of this version and configuration makes it',
    };
  const last = known.info.recentActions.at(-1)?.takenAt;
  const round = last === undefined ? 'no round yet' : `last round ${last.toISOString().slice(0, 19)}Z`;
  return { state: 'ok', says: `every ${config.SWEEP_EVERY_SECONDS} s, ${round}` };
}

function makeSchedule({ SWEEP_EVERY_SECONDS }: SweepConfig) {
  const action = {
    type: 'startWorkflow',
    workflowType: 'sweepDeliveries',
    taskQueue: TASK_QUEUE, // each release polls it: one that lacks a newer queue would have no round
    workflowId: SWEEP_SCHEDULE,
    workflowExecutionTimeout: ROUND_TIMEOUT_MS,
    priority: MAINTENANCE_PRIORITY, // the SDK sends it, though its type for new schedules does not know it
  } as const;
  return {
    spec: { intervals: [{ every: SWEEP_EVERY_SECONDS * 1000 }] },
    policies: { overlap: 'SKIP', catchupWindow: CATCH_UP_MS },
    action,
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
}

type Specification = Pick<ScheduleDescription | ScheduleOptions, 'spec' | 'policies' | 'action'>;

/** The values of a schedule, to be compared. */
const specified = ({ spec, policies, action }: Specification): unknown => said({ spec, policies, action });

/** Without null, zero and empty values, which a server leaves out or fills in. */
function said(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value || undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(said);
  const entries = Object.entries(value).map(([name, one]) => [name, said(one)] as const);
  const left = entries.filter(([, one]) => one !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
