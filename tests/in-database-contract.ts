import type { Pool } from 'pg';
import { inspect } from 'node:util';
import type { InDatabaseConsumer } from '../activities/consumer';
import type { ChatEvent } from '../events/catalogue';
import { ActivityEnvironment, type LogEntry } from './activity-environment';
import { PERSONAL_MARKER } from './consumer-contract';
import { emptyDatabase } from './database';
import { openDeliveryBench, type DeliveryBench } from './delivery-bench';

export interface InDatabaseSubject {
  readonly consumer: InDatabaseConsumer;
  /** With PERSONAL_MARKER wherever a person's words or data may stand. */
  readonly event: ChatEvent;
  /** A table that it writes to. */
  readonly table: string;
  /** How often the event has had its effect. */
  effects(pool: Pool): Promise<number>;
}

/** What holds for every consumer that writes into our own database. Called by each consumer's own test. */
export function describeInDatabaseContract(name: string, { consumer, event, table, effects }: InDatabaseSubject): void {
  describe(`the consumer contract: ${name}`, () => {
    let bench: DeliveryBench;
    const logged: LogEntry[] = [];

    beforeAll(async () => {
      bench = await openDeliveryBench(name, consumer);
    });
    afterEach(() => emptyDatabase(bench.pool));
    afterAll(() => bench.close());

    const attempt = (id: string) => bench.attempt(id, new ActivityEnvironment({}, (entry) => logged.push(entry)));
    const refuse = (state: string) =>
      bench.pool.query(`create or replace function refuse() returns trigger language plpgsql as $$
        begin raise exception '${PERSONAL_MARKER}' using errcode = '${state}', detail = '${PERSONAL_MARKER}'; end $$;
        create trigger refuse before insert on ${table} for each row execute function refuse()`);

    it('has its effect once, however often and by how many workers it is delivered', async () => {
      const id = await bench.record(event, null);
      const results = await Promise.allSettled([attempt(id), attempt(id)]);
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(await attempt(id)).toEqual({ delivered: 1 });
      await bench.forget(id);
      expect(await attempt(id)).toEqual({ delivered: 1 });
      expect(await effects(bench.pool)).toBe(1);
    });

    it.each([
      ['23514', 'Rejected', 'parked', 1],
      ['55000', 'Unavailable', 'pending', 0],
      ['P0001', 'Unexpected', 'pending', 1],
    ])('takes SQLSTATE %s as %s, has no effect then, and says nothing personal', async (code, type, state, tries) => {
      const id = await bench.record(event, null);
      await refuse(code);
      const error: unknown = await attempt(id).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ type, nonRetryable: state === 'parked' });
      expect(await bench.rowOf(id)).toMatchObject({ state, tries, failure_type: type });
      expect(await effects(bench.pool)).toBe(0);
      const seen = inspect([error, await bench.rowOf(id), logged, bench.attempts], { depth: 9, maxStringLength: null });
      expect(seen).not.toContain(PERSONAL_MARKER);
      await bench.pool.query(`drop trigger refuse on ${table}`);
      await bench.makeDue(id);
      expect(await attempt(id)).toEqual({ delivered: 1 });
      expect(await effects(bench.pool)).toBe(1);
    });
  });
}
