import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { RoutedDelivery } from '../activities/record/recorded-event';
import type { DeliveryRun } from './delivery-run';

export interface Command {
  readonly action: 'redrive' | 'discard' | 'refresh';
  readonly queues: readonly string[];
  /** Of an update: called when the rows are changed and read again. */
  readonly answer?: (changed: number) => void;
}

/** The answer of an update. */
export interface Changed {
  /** How many deliveries were redriven or discarded. */
  readonly changed: number;
  /** The chosen deliveries as they are now, at most a hundred. */
  readonly deliveries: readonly { readonly dataQueue: string; readonly state: string }[];
}

/** Sends parked deliveries again: those of a list of data queues (with or without #n), or all without a list. */
export const redriveSignal = defineSignal<[queues?: string[]]>('redrive');
/** Gives up parked deliveries, which their rows then say: those of a list of data queues, or all without a list. */
export const discardSignal = defineSignal<[queues?: string[]]>('discard');
/** The rows have changed: read them again. */
export const refreshSignal = defineSignal('refresh');
/** The run's deliveries as it knows them. */
export const statusQuery = defineQuery<readonly RoutedDelivery[]>('status');
/** Like the signal, but refuses a data queue that the event does not have, and answers the number of changed deliveries. */
export const redriveUpdate = defineUpdate<Changed, [queues?: string[]]>('redrive');
export const discardUpdate = defineUpdate<Changed, [queues?: string[]]>('discard');

const LISTED = 100;
const INPUT = 'nothing, or a list of data queues such as ["Agent.Ban"]';

/** The commands of operators to a run, in the order of their arrival; the workflow carries them out. */
export class OperatorCommands {
  private readonly commands: Command[] = [];
  /** True from the first update on; a run without one waits for no answers. */
  hasUpdates = false;
  private isKnown = false;
  private readonly run: DeliveryRun;

  constructor(run: DeliveryRun) {
    this.run = run;
    setHandler(redriveSignal, (queues) => this.add('redrive', queues));
    setHandler(discardSignal, (queues) => this.add('discard', queues));
    setHandler(refreshSignal, () => this.add('refresh', undefined));
    setHandler(statusQuery, () => run.deliveries);
    for (const [action, update, does] of updates) {
      setHandler(update, (queues?: string[]) => this.execute(action, readQueues(queues)), {
        validator: (queues?: string[]) => this.refuseUnknown(readQueues(queues)),
        description: `${does}. Input: ${INPUT}.`,
      });
    }
  }

  get isEmpty(): boolean {
    return this.commands.length === 0;
  }

  /** From now on the run knows which data queues its events have. */
  accept(): void {
    this.isKnown = true;
  }

  next(): Command | undefined {
    return this.commands.shift();
  }

  /** Before a run ends: the answers of updates are on their way, or there is another command. */
  async answered(): Promise<void> {
    await condition(() => allHandlersFinished() || !this.isEmpty);
  }

  /** A signal from an operator: nothing, one name or a list of names; anything else may be a mistake and is ignored. */
  private add(action: Command['action'], given: unknown): void {
    const queues = readQueues(given);
    if (queues !== undefined) this.commands.push({ action, queues });
    else log.warn(`The signal ${action} takes nothing or a list of data queues; this one is ignored.`);
  }

  private async execute(action: Command['action'], queues: readonly string[] = []): Promise<Changed> {
    const { run } = this;
    this.hasUpdates = true;
    if (!this.isKnown) await condition(() => this.isKnown);
    this.refuseUnknown(queues);
    const changed = await new Promise<number>((answer) => void this.commands.push({ action, queues, answer }));
    const chosen = run.deliveries.filter(
      ({ label }) => queues.length === 0 || queues.some((queue) => isOf(label, queue)),
    );
    return { changed, deliveries: chosen.slice(0, LISTED).map(({ label, state }) => ({ dataQueue: label, state })) };
  }

  /** @throws ApplicationFailure for an input that selects nothing, as a misspelt data queue does */
  private refuseUnknown(queues: readonly string[] | undefined): void {
    if (queues === undefined) throw refusal(`Expected ${INPUT}.`);
    if (!this.isKnown) return; // the update waits until it is
    const labels = [...new Set(this.run.deliveries.map(({ label }) => label))];
    const unknown = queues.filter((queue) => !labels.some((label) => isOf(label, queue)));
    if (unknown.length === 0) return;
    const has = labels.length === 0 ? 'none' : labels.slice(0, LISTED).join(', ');
    throw refusal(`There is no delivery ${unknown.join(', ')} here; there is ${has}.`);
  }
}

type Update = UpdateDefinition<Changed, [queues?: string[]]>;

const updates: readonly (readonly [action: Command['action'], update: Update, does: string])[] = [
  ['redrive', redriveUpdate, 'Sends parked deliveries again, and those that wait for their next try'],
  [
    'discard',
    discardUpdate,
    'Gives parked deliveries up, on the record; those of a named data queue even while they wait',
  ],
];

/** @returns undefined for an input that is no list of names */
function readQueues(given: unknown): readonly string[] | undefined {
  const list: unknown = given === undefined || given === null ? [] : typeof given === 'string' ? [given] : given;
  return Array.isArray(list) && list.every(isName) ? list : undefined;
}

const isName = (one: unknown): one is string => typeof one === 'string' && one !== '' && !/\p{C}/u.test(one);

const refusal = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'InvalidInput');

/** With or without #n. */
const isOf = (label: string, queue: string): boolean => label === queue || label.replace(/#\d+$/, '') === queue;
