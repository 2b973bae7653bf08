import {
  CancellationScope,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { DeliverInput, DeliverResult } from '../activities/deliver/deliver';
import type { RecordedEvent, RoutedDelivery } from '../activities/record/read-recorded';
import { localDeliveryOptions, remoteDeliveryOptions } from './activity-options';

type Deliver = (input: DeliverInput) => Promise<DeliverResult>;

/** Deliveries of one run that go together: one delivery, or in a batch all of one consumer. */
interface Flight {
  readonly ids: readonly string[];
  readonly scope: CancellationScope;
}

/**
 * The deliveries of one run: which are under way, and what the rows said last. Knows nothing of signals or waiting; the
 * workflow drives it.
 */
export class DeliveryRun {
  events: readonly RecordedEvent[] = [];
  /** True when the rows have to be read again. */
  stale = false;
  /** Counts flights that ended, so that the workflow can wait for the next. */
  landed = 0;
  readonly isBatch: boolean;
  private readonly flights = new Map<string, Flight>();
  private readonly delivered = new Set<string>();
  private readonly triedLocally = new Set<string>();
  private readonly leftOver = new Set<string>();

  constructor(isBatch: boolean) {
    this.isBatch = isBatch;
  }

  get flying(): boolean {
    return this.flights.size > 0;
  }

  /** Deliveries that were done when their events were recorded, and are not listed. */
  get done(): number {
    return this.events.reduce((sum, { delivered = 0 }) => sum + delivered, 0);
  }

  get deliveries(): readonly RoutedDelivery[] {
    return this.events
      .flatMap(({ deliveries }) => deliveries)
      .map((one) => (this.delivered.has(one.id) ? { ...one, state: 'delivered' } : one));
  }

  /** What this run still has to bring to an end; what is paused waits without it. */
  get unfinished(): readonly RoutedDelivery[] {
    return this.deliveries.filter(
      ({ mine, state, failureType }) =>
        mine && (state === 'pending' || (state === 'parked' && failureType !== 'Paused')),
    );
  }

  /** What the rows say now: calls back flights that have nothing left to deliver. */
  update(events: readonly RecordedEvent[]): void {
    this.events = events;
    const pending = new Set(this.unfinished.filter(({ state }) => state === 'pending').map(({ id }) => id));
    for (const { ids, scope } of this.flights.values()) {
      if (!ids.some((id) => pending.has(id))) scope.cancel();
    }
  }

  /** Starts what is pending, the run's own and not under way. */
  start(): void {
    const flying = new Set([...this.flights.values()].flatMap(({ ids }) => ids));
    const groups = new Map<string, RoutedDelivery[]>();
    for (const one of this.unfinished) {
      if (one.state !== 'pending' || flying.has(one.id) || this.leftOver.has(one.id)) continue;
      const name = this.isBatch ? one.consumer : one.label;
      // Of another data queue: its turn comes when that one has landed. They once went together.
      if (!this.isBatch && groups.has(name) && patched('one-per-label')) continue;
      groups.set(name, [...(groups.get(name) ?? []), one]);
    }
    for (const [name, group] of groups) {
      if (!this.flights.has(name)) this.fly(name, group);
    }
  }

  /** One activity for the group; it never throws: what is not delivered is read from the rows. */
  private fly(name: string, group: readonly RoutedDelivery[]): void {
    const [first] = group;
    if (first === undefined) return;
    const ids = group.map(({ id }) => id);
    const local = first.mode === 'local' && !ids.every((id) => this.triedLocally.has(id));
    for (const id of ids) this.triedLocally.add(id);
    const scope = new CancellationScope();
    this.flights.set(name, { ids, scope });
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
        this.flights.delete(name);
        this.landed += 1;
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
