import { makeChat, type MadeEvent } from '../make-events';
import type { CpuReader } from '../process-usage';
import type { Side } from './sides';

export interface Block {
  readonly keys: readonly string[];
  readonly eventsPerSecond: number;
  /** Milliseconds from the call until Temporal had the event. */
  readonly acceptedMs: readonly number[];
  /** Milliseconds from the call until the run was closed. */
  readonly finishedMs: readonly number[];
  /** CPU milliseconds per event, by process; `publisher` is this one, which also waits for the runs. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Workflows that carried the events. */
  readonly workflows: number;
}

export interface BlockOptions {
  /** At most. */
  readonly events: number;
  /** After so long, no further event is started. Default: until all are. */
  readonly seconds?: number;
  /** The next event is started when one of so many is finished. */
  readonly inFlight: number;
  /** Makes the nth event. Default: a chat, which is only stored. */
  readonly make?: (n: number) => MadeEvent;
  /** Processes whose CPU time is taken, by name. Default: none. */
  readonly pids?: Readonly<Record<string, number>>;
  readonly readCpu?: CpuReader | undefined;
  /** Called after each event. */
  readonly onFinished?: (events: number) => void;
}

/** Something is wrong when no event is finished for so long. */
const STALLED_AFTER_MS = 60_000;

/** Sends events of one side, so many at once, and waits for each by a long poll on its run: nothing is asked at intervals. */
export async function runBlock(side: Side, options: BlockOptions): Promise<Block> {
  const { events, seconds = Infinity, inFlight, make = () => makeChat(), pids = {}, readCpu, onFinished } = options;
  const isOver = (): boolean => performance.now() - started > seconds * 1000;
  const workflows = new Set<string>();
  const keys: string[] = [];
  const acceptedMs: number[] = [];
  const finishedMs: number[] = [];
  let next = 0;
  let moved = performance.now();
  const lane = async (): Promise<void> => {
    while (next < events && !isOver()) {
      const event = make(next++);
      const called = performance.now();
      const started = await side.start(event);
      workflows.add(started.workflowId);
      acceptedMs.push(performance.now() - called);
      await started.finish();
      finishedMs.push(performance.now() - called);
      keys.push(started.key);
      moved = performance.now();
      onFinished?.(keys.length);
    }
  };
  const takeCpu = () => new Map(Object.entries(pids).map(([name, pid]) => [name, readCpu?.(pid) ?? 0]));
  const before = takeCpu();
  const ownBefore = process.cpuUsage();
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (performance.now() - moved < STALLED_AFTER_MS) return;
      reject(
        new Error(`After ${keys.length} of ${events} events of the ${side.name} side, none was finished for a minute.`),
      );
    }, 1_000);
  });
  await Promise.race([Promise.all(Array.from({ length: Math.min(inFlight, events) }, lane)), stalled]).finally(() =>
    clearInterval(timer),
  );
  const took = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(ownBefore);
  const cpuMs = [...takeCpu()].map(([name, used]) => [name, ((used - (before.get(name) ?? 0)) * 1000) / keys.length]);
  return {
    keys,
    eventsPerSecond: keys.length / took,
    acceptedMs,
    finishedMs,
    workflows: workflows.size,
    cpuMs: { publisher: (user + system) / 1000 / keys.length, ...(readCpu && Object.fromEntries(cpuMs)) },
  };
}
