import {
  CancellationScope,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { DeliverInput, DeliverResult } from '../activities/deliver/deliver';
import type { RecordedEvent, RoutedDelivery } from '../activities/record/recorded-event';
import { localDeliveryOptions, remoteDeliveryOptions } from './activity-options';

type Deliver = (input: DeliverInput) => Promise<DeliverResult>;

/** An activity that is under way: for one delivery, or in a batch for all of one consumer. */
interface UnderWay {
  readonly ids: readonly string[];
  readonly scope: CancellationScope;
  /** The times of its deliveries that were woken before it was started: it is not cancelled for these once more. */
  readonly startedFor: readonly number[];
}

/**
 * The deliveries of one run: those under way, and the last state of the rows. Signals and waiting are the workflow's, which
 * calls it.
 */
export class DeliveryRun {
  events: readonly RecordedEvent[] = [];
  /** True when the rows have to be read again. */
  stale = false;
  /** Counts activities that ended, so that the workflow can wait for the next. */
  ended = 0;
  readonly isBatch: boolean;
  private readonly underWay = new Map<string, UnderWay>();
  private readonly delivered = new Set<string>();
  private readonly triedLocally = new Set<string>();
  private readonly leftOver = new Set<string>();

  constructor(isBatch: boolean) {
    this.isBatch = isBatch;
  }

  get isDelivering(): boolean {
    return this.underWay.size > 0;
  }

  /** How many deliveries were done when their events were recorded, and are not listed. */
  get done(): number {
    return this.events.reduce((sum, { delivered = 0 }) => sum + delivered, 0);
  }

  get deliveries(): readonly RoutedDelivery[] {
    return this.events
      .flatMap(({ deliveries }) => deliveries)
      .map((one) => (this.delivered.has(one.id) ? { ...one, state: 'delivered' } : one));
  }

  /** The deliveries that this run still has to bring to an end; a paused one waits without it. */
  get unfinished(): readonly RoutedDelivery[] {
    return this.deliveries.filter(
      ({ mine, state, failureType }) =>
        mine && (state === 'pending' || (state === 'parked' && failureType !== 'Paused')),
    );
  }

  /** Takes the present state of the rows, and cancels activities that have nothing left to deliver, or that wait for a woken delivery. */
  update(events: readonly RecordedEvent[]): void {
    this.events = events;
    const pending = this.unfinished.filter(({ state }) => state === 'pending');
    for (const { ids, scope, startedFor } of this.underWay.values()) {
      const own = pending.filter(({ id }) => ids.includes(id));
      // The activity of a batch comes back within minutes by itself.
      const isWoken = ({ woken }: RoutedDelivery) => woken !== undefined && !startedFor.includes(woken);
      const mayWait = !this.isBatch && own.some(isWoken);
      if (own.length === 0 || (mayWait && patched('wake-deliveries'))) scope.cancel();
    }
  }

  /** Starts an activity for each own delivery that is pending and not under way. */
  start(): void {
    const delivering = new Set([...this.underWay.values()].flatMap(({ ids }) => ids));
    const groups = new Map<string, RoutedDelivery[]>();
    for (const one of this.unfinished) {
      if (one.state !== 'pending' || delivering.has(one.id) || this.leftOver.has(one.id)) continue;
      const name = this.isBatch ? one.consumer : one.label;
      // Another delivery has the same label: this one starts when that one has ended. Older runs start both together.
      if (!this.isBatch && groups.has(name) && patched('one-per-label')) continue;
      groups.set(name, [...(groups.get(name) ?? []), one]);
    }
    for (const [name, group] of groups) {
      if (!this.underWay.has(name)) this.deliver(name, group);
    }
  }

  /** One activity for the group; it never throws: the rows say later which deliveries are not done. */
  private deliver(name: string, group: readonly RoutedDelivery[]): void {
    const [first] = group;
    if (first === undefined) return;
    const ids = group.map(({ id }) => id);
    const local = first.mode === 'local' && !ids.every((id) => this.triedLocally.has(id));
    for (const id of ids) this.triedLocally.add(id);
    const scope = new CancellationScope();
    this.underWay.set(name, { ids, scope, startedFor: group.flatMap(({ woken }) => woken ?? []) });
    void scope
      .run(async () => {
        const deliver = local
          ? localDelivery(first.consumer, name)
          : remoteDelivery(first.consumer, name, this.isBatch);
        const { delivered } = await deliver({ ids, ...(this.isBatch && { ride: true }) });
        if (delivered === ids.length) for (const id of ids) this.delivered.add(id);
        else this.stale = true;
      })
      .catch((error: unknown) => {
        this.stale = true;
        if (this.isBatch && !local) for (const id of ids) this.leftOver.add(id);
        if (!isCancellation(error)) log.info('Not delivered; the rows say why.', { deliveries: name, local });
      })
      .finally(() => {
        this.underWay.delete(name);
        this.ended += 1;
      });
  }
}

// Any name resolves to an activity of that type: the consumers' names are the activity types.
function localDelivery(consumer: string, summary: string): Deliver {
  const activities = proxyLocalActivities<Record<string, Deliver>>({ ...localDeliveryOptions, summary });
  return activities[consumer] as Deliver;
}

function remoteDelivery(consumer: string, activityId: string, isBatch: boolean): Deliver {
  const activities = proxyActivities<Record<string, Deliver>>(remoteDeliveryOptions(consumer, activityId, isBatch));
  return activities[consumer] as Deliver;
}
