import { EventEmitter } from 'node:events';
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { CancelledFailure, noopMetricMeter, type Logger, type LogLevel } from '@temporalio/common';

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly meta: unknown;
}

/** The run of a workflow that the activity belongs to. */
export const WORKFLOW_RUN = { workflowId: 'test', runId: '00000000-0000-0000-0000-000000000000' };

const info: Info = {
  attempt: 1,
  taskQueue: 'test',
  isLocal: false,
  taskToken: Buffer.from('test'),
  base64TaskToken: Buffer.from('test').toString('base64'),
  activityId: 'test',
  activityType: 'unknown',
  inWorkflow: true,
  namespace: 'default',
  activityNamespace: 'default',
  workflowNamespace: 'default',
  workflowType: 'test',
  workflowExecution: WORKFLOW_RUN,
  heartbeatDetails: undefined,
  scheduledTimestampMs: 1,
  currentAttemptScheduledTimestampMs: 1,
  startToCloseTimeoutMs: 1_000,
  scheduleToCloseTimeoutMs: 1_000,
};

/**
 * Runs functions as activities. It stands for the MockActivityEnvironment of @temporalio/testing, which loads the whole Worker with its
 * bundler: seconds in each suite. It emits `heartbeat` with the details of each.
 */
export class ActivityEnvironment extends EventEmitter {
  readonly #abort = new AbortController();
  readonly #log: Logger;
  readonly #context: Context;

  /** @param note is told of everything that is logged: by the activity, and of its failure as a Worker does */
  constructor(over: Partial<Info> = {}, note: (entry: LogEntry) => void = () => {}) {
    super();
    const log = (level: LogLevel, message: string, meta?: object): void => note({ level, message, meta });
    this.#log = {
      log,
      trace: (message, meta) => log('TRACE', message, meta),
      debug: (message, meta) => log('DEBUG', message, meta),
      info: (message, meta) => log('INFO', message, meta),
      warn: (message, meta) => log('WARN', message, meta),
      error: (message, meta) => log('ERROR', message, meta),
    };
    const { signal } = this.#abort;
    const cancelled = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    cancelled.catch(() => undefined);
    const heartbeat = (details?: unknown): void => void this.emit('heartbeat', details);
    const cancellationDetails = {};
    this.#context = new Context(
      { ...info, ...over },
      cancelled,
      signal,
      heartbeat,
      undefined,
      this.#log,
      noopMetricMeter,
      cancellationDetails,
    );
  }

  cancel(): void {
    this.#abort.abort(new CancelledFailure('CANCELLED'));
  }

  async run<T>(activity: () => Promise<T>): Promise<T> {
    try {
      return await asyncLocalStorage.run(this.#context, activity);
    } catch (error) {
      this.#log.warn('Activity failed', { error });
      throw error;
    }
  }
}
