import { randomInt, randomUUID } from 'node:crypto';
import type { Consumer } from '../../activities/consumer';
import { startFakeServer, type FakeRequest, type Fault } from '../../activities/http/fake';
import { catalogue, type EventType } from '../../events/catalogue';
import type { WireData } from '../../events/wire-data';
import { chatEndedExample } from '../../events/chat-ended-example';
import type { Matrix, MatrixAccount, Standing } from './open-matrix';

/** A stateful fake, as rows see it. */
export interface MatrixFake {
  readonly account: MatrixAccount;
  readonly script: { fault: (request: FakeRequest) => Fault | undefined };
  next(what: 'stalled' | 'abandoned'): Promise<void>;
  release(): void;
  close(): Promise<void>;
}

/** A kind of destination. */
export interface MatrixKind<Fake extends MatrixFake> {
  readonly consumer: string;
  create(): Consumer;
  start(clock: () => number): Promise<Fake>;
  /** Everything that is there, by kind of record: an orphan is one too many. */
  records(fake: Fake): Record<string, number>;
  /** True for the request that leaves the records. */
  isCreation(request: FakeRequest): boolean;
  /** As the rows write it, such as `POST tickets`. */
  nameOf(request: FakeRequest): string;
}

export interface Scene<Fake> {
  readonly fake: Fake;
  /** Every request that came in, with what it met. */
  readonly requests: readonly { readonly name: string; readonly at: number; readonly fault: Fault | undefined }[];
  /** Another host, to which nothing may go. */
  readonly elsewhere: { readonly origin: string; sockets(): number };
  readonly deliveryIds: readonly string[];
  standings(): Promise<Standing[]>;
  /** Moves the fake's clock. */
  pass(ms: number): void;
  /** True once the operator has mended the connection. */
  isMended: boolean;
}

/** What is there at the end. */
export interface Outcome {
  readonly states: Readonly<Record<string, number>>;
  /** Failures of the attempts, one after the other. */
  readonly failures: readonly string[];
  readonly records: Readonly<Record<string, number>>;
  readonly requests: readonly string[];
}

export interface RowReport {
  readonly outcome: Outcome;
  /** Of what must not have happened. */
  readonly happened: readonly string[];
}

interface RowEvent {
  /** The event is the example's chat, with these fields of it changed ... */
  readonly chat?: object;
  /** ... and this Salesforce object; */
  readonly salesforce?: object;
  /** or, instead, the example's offline message with these fields changed. */
  readonly message?: object;
}

/** One row of the fault matrix. */
export interface FaultRow<Fake> extends RowEvent {
  /** `npm test` runs the first row of each kind. */
  readonly kind:
    'answer lost' | 'no answer' | 'refused' | 'all or nothing' | 'later' | 'credentials' | 'content' | 'race';
  /** What goes wrong. */
  readonly fault: string;
  /** Over the fake's account. */
  readonly config?: object;
  /** Instead of the kind's usual fake. */
  readonly start?: (clock: () => number) => Promise<Fake>;
  /** What is in the fake before the first event. */
  readonly before?: (fake: Fake) => void;
  /** One event is delivered first, and then this happens. */
  readonly after?: (fake: Fake) => void;
  /** Events of the row, published at once. Default 1. */
  readonly events?: number;
  /** Sends at once. Default 10. */
  readonly atOnce?: number;
  /** What the requests that create meet, one after the other. */
  readonly creations?: readonly Fault[];
  /** What any request meets, before `creations` is asked. */
  readonly meets?: (name: string, scene: Scene<Fake>) => Fault | undefined;
  /** Happens before the first request after one that met a fault. */
  readonly between?: (scene: Scene<Fake>) => void;
  /** The first attempt hangs, loses its run and its lease, and goes on when the second has delivered. */
  readonly isZombie?: boolean;
  /** The operator mends the connection when all is settled; what is expected is what is there then. */
  readonly isMended?: boolean;
  readonly expected: Partial<Outcome>;
  /** What must not have happened, by name. */
  readonly never?: Readonly<Record<string, (scene: Scene<Fake>) => boolean | Promise<boolean>>>;
}

/** Publishes what the row says to a site and a fake of its own, and waits until all is settled. */
export async function runRow<Fake extends MatrixFake>(
  matrix: Matrix,
  kind: MatrixKind<Fake>,
  row: FaultRow<Fake>,
): Promise<RowReport> {
  const { events = 1, atOnce = 10, creations = [], after } = row;
  let passed = 0;
  const fake = await (row.start ?? kind.start)(() => Date.now() + passed);
  const elsewhere = await startFakeServer({ handle: () => ({ status: 200 }) });
  const requests: { name: string; at: number; fault: Fault | undefined }[] = [];
  const deliveryIds: string[] = [];
  const scene: Scene<Fake> = {
    fake,
    requests,
    elsewhere,
    deliveryIds,
    standings: () => matrix.standings(deliveryIds),
    pass: (ms) => void (passed += ms),
    isMended: false,
  };
  const left = [...creations];
  let { between } = row;
  fake.script.fault = (request) => {
    const name = kind.nameOf(request);
    if (requests.some(({ fault }) => fault !== undefined)) {
      between?.(scene);
      between = undefined;
    }
    const fault = row.meets?.(name, scene) ?? (kind.isCreation(request) ? left.shift() : undefined);
    requests.push({ name, at: Date.now(), fault });
    return fault;
  };
  try {
    const { config, secrets } = fake.account;
    const site = String(randomInt(1, 2 ** 31));
    const connectionId = await matrix.connect(site, { config: { ...config, ...row.config }, secrets }, atOnce);
    row.before?.(fake);
    const stalled = row.isZombie === true ? fake.next('stalled') : undefined;
    const publish = async (count: number): Promise<void> => {
      const all = Array.from({ length: count }, () => matrix.publish(...eventOf(row, site), connectionId));
      deliveryIds.push(...(await Promise.all(all)));
    };
    const untilAll = (isSo: (state: string) => boolean): Promise<void> =>
      matrix.until(async () => {
        const standings = await scene.standings();
        return standings.length === deliveryIds.length && standings.every(({ state }) => isSo(state));
      });
    if (after !== undefined) {
      await publish(1);
      await untilAll((state) => state === 'delivered');
      after(fake);
    }
    await publish(events);
    await stalled;
    if (stalled !== undefined) await Promise.all(deliveryIds.map((id) => matrix.abandonAttempt(id)));
    await untilAll((state) => state !== 'pending');
    if (stalled !== undefined) {
      fake.release();
      const attempts = () => matrix.attemptsOf(deliveryIds);
      await matrix.until(async () => attempts().some(({ outcome }) => outcome === 'superseded'));
    }
    if (row.isMended === true) {
      scene.isMended = true;
      await matrix.mend(connectionId, fake.account.secrets);
      await untilAll((state) => state === 'delivered');
    }
    const standings = await scene.standings();
    const outcome: Outcome = {
      states: countBy(standings.map(({ state }) => state)),
      failures: matrix.attemptsOf(deliveryIds).flatMap(({ failure }) => failure?.type ?? []),
      records: kind.records(fake),
      requests: requests.map(({ name }) => name),
    };
    const happened: string[] = [];
    for (const [name, has] of Object.entries(row.never ?? {})) if (await has(scene)) happened.push(name);
    return { outcome, happened };
  } finally {
    fake.release();
    await Promise.all([fake.close(), elsewhere.close()]);
  }
}

function eventOf({ chat, message, salesforce }: RowEvent, site: string): readonly [EventType, WireData[EventType]] {
  const SiteId = Number(site);
  if (message !== undefined) {
    return ['OfflineMessage.Submit', { ...catalogue['OfflineMessage.Submit'].example, SiteId, ...message }];
  }
  const { Chat, Salesforce, Visitor } = chatEndedExample;
  const changed = { ...Chat, SiteId, ChatId: randomUUID(), ...chat };
  return ['Chat.Ended', { Chat: changed, Visitor, Salesforce: salesforce ?? Salesforce }];
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
