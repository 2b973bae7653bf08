import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { Database } from '../../db/database';
import { ActivityEnvironment, WORKFLOW_RUN } from '../../tests/activity-environment';
import { useDatabase } from '../../tests/database';
import { idsOf, newEvent } from '../../tests/new-event';
import { EFFECT_TABLE, scriptedConsumers } from '../../tests/scripted-consumers';
import { InFlight } from '../connections/in-flight';
import { LateAnswers } from './late-answers';
import { Slots } from '../connections/slots';
import { deliver, type DeliverInput } from './deliver';
import type { Attempt } from '../attempt';
import { DeliveryFailure } from '../failures';

let pool: Pool;
let db: Database;
const scripted = scriptedConsumers();
const attempts: Attempt[] = [];

useDatabase((opened) => ({ pool, db } = opened));
beforeAll(() => pool.query(EFFECT_TABLE));

/** One recorded event with one delivery, owned by the run of its activity environment. */
async function recorded(name: string): Promise<{ id: string; eventId: string }> {
  const eventId = `${name}-${randomUUID()}`;
  const event = newEvent(eventId);
  const [id = ''] = idsOf(event);
  const owner = { cluster: 'main', workflowId: WORKFLOW_RUN.workflowId };
  await db.insertEvents([event], owner);
  return { id, eventId };
}

function attempt(
  kind: 'persistence' | 'webhook',
  input: DeliverInput,
  environment = new ActivityEnvironment(),
  wasAskedFor = async () => false,
) {
  const deps = {
    db,
    clusterName: 'main',
    retryDelayMs: (_consumer: string, tries: number) => (tries >= 3 ? null : 0),
    secretBox: null,
    inFlight: new InFlight(),
    lateAnswers: new LateAnswers(),
    slots: new Slots(1),
    runs: { wasAskedFor, refresh: async () => {} },
    observe: (one: Attempt) => attempts.push(one),
  };
  return environment.run(() => deliver(kind, scripted.consumers[kind], input, deps));
}

const rowOf = async (id: string) => (await pool.query('select * from delivery where id = $1', [id])).rows[0];
const effects = async (eventId: string) =>
  (await pool.query('select from effect where event_id = $1', [eventId])).rowCount;

it('writes effect and outcome together: none without the other', async () => {
  const { id, eventId } = await recorded('together');
  scripted.faults.set(eventId, [new Error('after the write'), new Error('again')]);
  await expect(attempt('persistence', { ids: [id] })).rejects.toMatchObject({
    type: 'Unexpected',
    nonRetryable: false,
  });
  expect(await effects(eventId)).toBe(0);
  expect(await rowOf(id)).toMatchObject({ state: 'pending', tries: 1, failure_type: 'Unexpected' });
  expect(await attempt('persistence', { ids: [id] })).toEqual({ delivered: 1 });
  expect(await effects(eventId)).toBe(1);
  expect(await attempt('persistence', { ids: [id] })).toEqual({ delivered: 1 });
  expect(await effects(eventId)).toBe(1);
});

it('delivers once when many attempts come at the same moment', async () => {
  for (const kind of ['persistence', 'webhook'] as const) {
    const { id, eventId } = await recorded('rush');
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => attempt(kind, { ids: [id] })));
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    const reached =
      kind === 'persistence' ? await effects(eventId) : scripted.sent.filter((sent) => sent === eventId).length;
    expect(reached).toBe(1);
  }
});

it('parks after the last try, with the failure kept and marked as exhausted', async () => {
  const { id, eventId } = await recorded('exhausted');
  scripted.faults.set(
    eventId,
    [1, 2, 3].map(() => new DeliveryFailure('Unavailable', 'down', { details: { status: 503 } })),
  );
  for (let i = 0; i < 2; i++)
    await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({ nonRetryable: false });
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: true });
  expect(await rowOf(id)).toMatchObject({
    state: 'parked',
    tries: 3,
    failure_details: { status: 503, exhausted: true },
  });
  const made = { failure: 'Unavailable', status: 503, worker: `${process.pid}@${hostname()}` };
  expect((await rowOf(id)).attempts).toMatchObject([1, 2, 3].map((n) => ({ n, ...made })));
});

it('parks an unexpected error after five tries at the most', async () => {
  const { id, eventId } = await recorded('bug');
  scripted.faults.set(
    eventId,
    Array.from({ length: 9 }, () => new TypeError('secret')),
  );
  const failures: unknown[] = [];
  for (let i = 0; i < 5; i++) await attempt('webhook', { ids: [id] }).catch((error: unknown) => failures.push(error));
  expect(await rowOf(id)).toMatchObject({ state: 'parked', failure_type: 'Unexpected' });
  expect(JSON.stringify(failures) + JSON.stringify(attempts) + JSON.stringify(await rowOf(id))).not.toContain('secret');
});

it('tells Temporal when to come back, and does not send before', async () => {
  const { id, eventId } = await recorded('later');
  scripted.faults.set(eventId, [new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 60_000 })]);
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({
    type: 'RateLimited',
    nextRetryDelay: expect.any(Number),
  });
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({
    type: 'RateLimited',
    message: 'slow down',
  });
  expect(scripted.sent.filter((sent) => sent === eventId)).toHaveLength(1);
  expect(await rowOf(id)).toMatchObject({ tries: 0 });
});

it('waits longer each time that a destination asks to come back at once, and counts no try', async () => {
  const { id, eventId } = await recorded('at-once');
  const atOnce = () => new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 0 });
  scripted.faults.set(eventId, [atOnce(), atOnce(), atOnce()]);
  for (const most of [1_000, 2_000, 4_000]) {
    const error: unknown = await attempt('webhook', { ids: [id] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'RateLimited' });
    const { nextRetryDelay } = error as { nextRetryDelay: number };
    expect(nextRetryDelay).toBeLessThanOrEqual(most);
    expect(nextRetryDelay).toBeGreaterThan(most / 2); // less what has passed since
    await pool.query('update delivery set due_at = now() where id = $1', [id]);
  }
  expect(await rowOf(id)).toMatchObject({ tries: 0, failure_details: { rateLimited: 3 } });
});

it('asks again within a day, whatever the destination says', async () => {
  const { id, eventId } = await recorded('in-a-month');
  scripted.faults.set(eventId, [new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 30 * 86_400_000 })]);
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({ type: 'RateLimited' });
  const { due_at: dueAt } = (await rowOf(id)) as { due_at: Date };
  expect(dueAt.getTime() - Date.now()).toBeLessThanOrEqual(86_400_000);
});

it('reports an attempt only once its outcome is committed', async () => {
  const { id, eventId } = await recorded('not-committed');
  await pool.query(
    `create function not_yet() returns trigger language plpgsql as $$ begin raise sqlstate '55000'; end $$`,
  );
  await pool.query(`create constraint trigger not_yet after insert on effect deferrable initially deferred
    for each row execute function not_yet()`);
  await expect(attempt('persistence', { ids: [id] })).rejects.toMatchObject({ code: '55000' });
  await pool.query('drop trigger not_yet on effect');
  expect(attempts.filter(({ deliveryId }) => deliveryId === id)).toEqual([]);
  expect(await attempt('persistence', { ids: [id] })).toEqual({ delivered: 1 });
  expect(await effects(eventId)).toBe(1);
});

it.each([
  [
    'heeds',
    (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  ],
  ['does not heed', () => new Promise<void>(() => {})],
])('ends a send at its deadline, as Unavailable, when the consumer %s its signal', async (_, stall) => {
  const { id, eventId } = await recorded('stall');
  scripted.onSend = ({ signal, event }) => (event.id === eventId ? stall(signal) : Promise.resolve());
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({
    type: 'Unavailable',
    message: 'The destination did not answer within 2 s.',
  });
  scripted.onSend = async () => {};
  await attempt('webhook', { ids: [id] });
  expect(attempts.slice(-2).map(({ isRepeat }) => isRepeat)).toEqual([false, true]);
});

it('stops the send of a cancelled attempt and gives the delivery back without a try', async () => {
  const { id, eventId } = await recorded('cancelled');
  const environment = new ActivityEnvironment();
  scripted.onSend = ({ signal, event }) =>
    event.id !== eventId
      ? Promise.resolve()
      : new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
          environment.cancel();
        });
  await expect(attempt('webhook', { ids: [id] }, environment)).rejects.toMatchObject({ name: 'CancelledFailure' });
  scripted.onSend = async () => {};
  expect(await rowOf(id)).toMatchObject({ state: 'pending', tries: 0, lease_token: null });
});

it('takes the success of a zombie, and not its failure', async () => {
  const { id, eventId } = await recorded('zombie');
  scripted.onSend = async ({ event }) => {
    if (event.id === eventId)
      await pool.query(
        "update delivery set lease_token = gen_random_uuid(), lease_until = now() + interval '1 minute' where id = $1",
        [id],
      );
  };
  scripted.faults.set(eventId, [new DeliveryFailure('Rejected', 'no')]);
  await expect(attempt('webhook', { ids: [id] })).rejects.toMatchObject({ nonRetryable: false });
  expect(await rowOf(id)).toMatchObject({ state: 'pending', failure_type: null });
  await pool.query('update delivery set lease_until = now() where id = $1', [id]);
  expect(await attempt('webhook', { ids: [id] })).toEqual({ delivered: 1 });
  expect(attempts.slice(-2)).toMatchObject([{ outcome: 'superseded', isRepeat: false }, { isRepeat: true }]);
  scripted.onSend = async () => {};
});

it('fails only the delivery at fault when many are written together', async () => {
  const all = await Promise.all(['a', 'poison', 'b'].map(recorded));
  expect(await attempt('persistence', { ids: all.map(({ id }) => id), ride: true })).toEqual({
    delivered: 2,
    parked: 1,
  });
  expect(await Promise.all(all.map(({ eventId }) => effects(eventId)))).toEqual([1, 0, 1]);
});

it('costs no try when our own database is the reason', async () => {
  const { id, eventId } = await recorded('ours');
  await pool.query(
    `create function stop_it() returns trigger language plpgsql as $$ begin raise sqlstate '55000'; end $$`,
  );
  await pool.query('create trigger stop_it before insert on effect for each row execute function stop_it()');
  await expect(attempt('persistence', { ids: [id] })).rejects.toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
  });
  await pool.query('drop trigger stop_it on effect');
  expect(await rowOf(id)).toMatchObject({ state: 'pending', tries: 0, failure_type: 'Unavailable' });
  await pool.query('update delivery set due_at = now() where id = $1', [id]);
  expect(await attempt('persistence', { ids: [id] })).toEqual({ delivered: 1 });
  expect(await effects(eventId)).toBe(1);
});

it('comes back when it is due although the cluster does not say whether an operator has asked for the attempt', async () => {
  const { id } = await recorded('early');
  await pool.query("update delivery set due_at = now() + interval '1 hour' where id = $1", [id]);
  const noAnswer = () => Promise.reject(new Error('the cluster is busy'));
  const early = attempt('webhook', { ids: [id] }, new ActivityEnvironment({ attempt: 2 }), noAnswer);
  await expect(early).rejects.toMatchObject({ type: 'Unavailable', nextRetryDelay: expect.any(Number) });
});
