import type { Random } from '../random';
import type { System } from './open-system';
import type { ClusterName, SetUp } from './set-up';

/** The usual rate as a share of the machine's capacity, at most. */
export const USUAL_SHARE = 0.7;

/** One thing that is done to the system. */
export interface Step {
  readonly says: string;
  /** True: attempts that are under way now may be repeated. */
  readonly isFault: boolean;
  /** True: so may be everything that is sent until the next fault. Default false. */
  readonly isForgotten?: boolean;
  run(system: System): Promise<void>;
}

/** Expectations beyond those of every run. */
export interface Expectations {
  /** The errors by which publish may refuse events; at least one has to be met. Default: it refuses nothing. */
  readonly refusedWith?: readonly string[];
  /** Milliseconds from the fault to the next receipt of an event that was published after it. */
  readonly acknowledgedWithinMs?: number;
  /** Milliseconds that publish takes from then on, at p99. */
  readonly publishWithinMs?: number;
  /** Milliseconds from the fault until the events that had been accepted before it are delivered. */
  readonly inFlightWithinMs?: number;
  /** The other cluster, which has to deliver during the fault. */
  readonly otherSide?: ClusterName;
  /** Milliseconds until all is settled after the fault's begin; or after its end, beside the time for the events that were published meanwhile. */
  readonly settledWithinMs?: { readonly ofBegin?: number; readonly ofEnd?: number };
  /** Milliseconds from acceptance to delivery, at p99, of the other sites' events while the name server says nothing of the silent one. */
  readonly otherSitesWithinMs?: number;
  /** Nothing is started on standby. */
  readonly nothingOnStandby?: boolean;
  /** Workflow tasks that one event which comes during the fault costs before its end, at most. */
  readonly tasksPerWaitingEvent?: number;
}

export interface Scenario {
  readonly name: string;
  /** Number in the list of docs/failover.md. */
  readonly number: string;
  /** The fault, in words. */
  readonly what: string;
  readonly setUp?: SetUp;
  /** Publishes for so long (seconds) instead of a number of events; at so many times the usual rate. */
  readonly load?: { readonly seconds?: number; readonly times?: number };
  /** The chat server drops each second event that publish refuses. Default: it publishes it again. */
  readonly dropsRefused?: boolean;
  /** Steps before the first event is published. Default: none. */
  readonly before?: readonly Step[];
  /** Those that are chosen at random are the same for the same seed. */
  readonly steps: readonly Step[] | ((random: Random) => Iterable<Step>);
  /** The operator's steps when the fault is over and all that can is settled. Default: none. */
  readonly after?: readonly Step[];
  readonly expects?: Expectations;
  /** True: `all` leaves it out, as it takes too long. */
  readonly byNameOnly?: boolean;
}
