import { inspect } from 'node:util';
import type { Account, ExternalConsumer } from '../activities/consumer';
import type { DeliverResult } from '../activities/deliver/deliver';
import { DeliveryFailure, failureTypes, type FailureType } from '../activities/failures';
import type { ChatEvent } from '../events/catalogue';
import { ActivityEnvironment, type LogEntry } from './activity-environment';
import { openDeliveryBench, type DeliveryBench } from './delivery-bench';

/** A destination as the contract sees it: a real local server that can be told to misbehave. */
export interface Destination {
  /** What its connection is made of; secrets hold SECRET_MARKER. Null for a consumer that needs none. */
  readonly account: Account | null;
  /** Everything that has reached it, twice what came twice. */
  arrivals(): number;
  /** Different things that were done there, by the idempotency key of the destination. */
  effects(): number;
  /** Resolves when a request has reached it and hangs; only while `stall` is on. */
  stalled(): Promise<void>;
  /** Resolves when the requests that hung have been given up by the other side. */
  abandoned(): Promise<void>;
  /** Lets what hangs go on, with success. */
  release(): void;
  close(): Promise<void>;
}

export interface ContractSubject {
  readonly consumer: ExternalConsumer;
  /** With PERSONAL_MARKER wherever a person's words or data may stand. */
  readonly event: ChatEvent;
  /** A fresh destination. Its first request meets `fault`, all others succeed. */
  start(fault?: string): Promise<Destination>;
  /** Name of a fault that never answers. */
  readonly stall: string;
  /** Name of a fault that has the effect and loses the answer, each time; where a repeat is visible at the destination. */
  readonly neverAnswers?: string;
  /** What is made of each fault of the destination; `delivered`: it does not matter. */
  readonly faults: Readonly<Record<string, FailureType | 'delivered'>>;
  /** A configuration that the consumer's schema refuses; undefined for a consumer that needs no connection. */
  readonly badConfig?: unknown;
}

export const SECRET_MARKER = 'c2VjcmV0LW1hcmtlci1zZWNyZXQtbWFya2Vy';
export const PERSONAL_MARKER = 'personal-marker';

/** Faults that every consumer which speaks HTTP says something about. */
export type HttpFault =
  | '400'
  | '401'
  | '403'
  | '404'
  | '409'
  | '413'
  | '429 with seconds'
  | '429 with a date'
  | '500'
  | '502 with HTML'
  | '503'
  | 'stall'
  | 'reset'
  | 'reset after'
  | 'truncated body';

/** What holds for every consumer that sends to a destination outside. Called by each consumer's own test. */
export function describeContract(name: string, subject: ContractSubject): void {
  describe(`the consumer contract: ${name}`, () => {
    let bench: DeliveryBench;
    let destination: Destination;
    const logged: LogEntry[] = [];

    beforeAll(async () => {
      bench = await openDeliveryBench(name, subject.consumer);
    });
    afterEach(async () => {
      destination.release();
      await destination.close();
    });
    afterAll(() => bench.close());

    const environment = () => new ActivityEnvironment({}, (entry) => logged.push(entry));
    const begin = async (fault?: string, config?: unknown): Promise<string> => {
      destination = await subject.start(fault);
      const { account } = destination;
      return await bench.record(subject.event, account && { ...account, ...(config !== undefined && { config }) });
    };
    const attempt = (id: string, one = environment()): Promise<DeliverResult> => bench.attempt(id, one);
    const caught = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );

    /** Nothing secret or personal in what history, log, row and result hold. */
    const expectPrivate = async (id: string, ...seen: unknown[]): Promise<void> => {
      const row = await bench.rowOf(id);
      const all = inspect([seen, row, logged, bench.attempts], {
        depth: 9,
        maxStringLength: null,
        maxArrayLength: null,
      });
      expect(all).not.toContain(SECRET_MARKER);
      expect(all).not.toContain(PERSONAL_MARKER);
    };

    it('delivers once, and tells what became of it', async () => {
      const id = await begin();
      const result = await attempt(id);
      expect(result).toMatchObject({ delivered: 1 });
      expect(destination.effects()).toBe(1);
      expect(await bench.rowOf(id)).toMatchObject({ state: 'delivered', tries: 1, receipt: expect.any(Object) });
      await expectPrivate(id, result);
    });

    it('has one effect when the outcome of the first attempt was lost', async () => {
      const id = await begin();
      await attempt(id);
      await bench.forget(id);
      expect(await attempt(id)).toMatchObject({ delivered: 1 });
      expect(destination.effects()).toBe(1);
    });

    it('sends once when two workers come at the same moment', async () => {
      const id = await begin();
      const results = await Promise.allSettled([attempt(id), attempt(id)]);
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(destination.arrivals()).toBe(1);
    });

    it.each(Object.entries(subject.faults))(
      'takes the fault %j as %s, and delivers afterwards',
      async (fault, type) => {
        const id = await begin(fault);
        const error = await caught(attempt(id));
        if (type === 'delivered') {
          expect(error).toBeUndefined();
        } else {
          expect(error).toMatchObject({ type, nonRetryable: !failureTypes[type].retried });
          const parked = failureTypes[type].retried ? 'pending' : 'parked';
          expect(await bench.rowOf(id)).toMatchObject({ state: parked, failure_type: type });
          await bench.makeDue(id);
          expect(await attempt(id)).toMatchObject({ delivered: 1 });
        }
        expect(destination.effects()).toBe(1);
        await expectPrivate(id, error);
      },
    );

    const { neverAnswers } = subject;
    if (neverAnswers !== undefined) {
      it('sends no third time what is never answered', async () => {
        const id = await begin(neverAnswers);
        expect(await caught(attempt(id))).toMatchObject({ type: 'Unavailable' });
        await bench.makeDue(id);
        const error = await caught(attempt(id));
        expect(error).toMatchObject({ type: 'Unconfirmed', nonRetryable: true });
        expect(await bench.rowOf(id)).toMatchObject({ state: 'parked', failure_type: 'Unconfirmed' });
        expect(destination.arrivals()).toBe(2);
        await expectPrivate(id, error);
      });
    }

    it('stops the request of a cancelled attempt', async () => {
      const id = await begin(subject.stall);
      const one = environment();
      const running = caught(attempt(id, one));
      await destination.stalled();
      one.cancel();
      await destination.abandoned();
      expect(await running).toMatchObject({ name: 'CancelledFailure' });
      expect(await bench.rowOf(id)).toMatchObject({ state: 'pending', tries: 0, lease_token: null });
    });

    it('lets a zombie that ends after its retry change nothing', async () => {
      const id = await begin(subject.stall);
      const zombie = caught(attempt(id));
      await destination.stalled();
      await bench.endLease(id);
      expect(await attempt(id)).toMatchObject({ delivered: 1 });
      const { receipt } = await bench.rowOf(id);
      destination.release();
      await zombie;
      expect(await bench.rowOf(id)).toMatchObject({ state: 'delivered', receipt });
      expect(destination.effects()).toBe(1);
    });

    const { connection } = subject.consumer;
    if (connection !== undefined) {
      it('parks a configuration that cannot be used, without a request', async () => {
        const id = await begin(undefined, subject.badConfig);
        const error = await caught(attempt(id));
        expect(error).toMatchObject({ type: 'InvalidConfig', nonRetryable: true });
        expect(destination.arrivals()).toBe(0);
        await expectPrivate(id, error);
      });

      it('says Unavailable for a key that this process has not, at no cost', async () => {
        const id = await begin();
        const error = await caught(bench.attempt(id, environment(), null));
        expect(error).toMatchObject({ type: 'Unavailable', nonRetryable: false });
        expect(await bench.rowOf(id)).toMatchObject({ state: 'pending', tries: 0 });
      });

      it('checks a connection without an effect, and says what is wrong with it', async () => {
        await begin();
        const account = destination.account as Account; // as there is a connection
        const signal = AbortSignal.timeout(10_000);
        const said = await connection.check(account, signal);
        expect(said).toEqual(expect.any(String));
        expect(said).not.toContain(SECRET_MARKER);
        expect(destination.effects()).toBe(0);
        await expect(connection.check({ ...account, config: subject.badConfig }, signal)).rejects.toBeInstanceOf(
          DeliveryFailure,
        );
      });
    }
  });
}
