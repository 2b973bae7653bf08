import { DatabaseGate } from './database-gate';

const context = {} as never; // the gate reads nothing of it
const answers = { query: async () => ({ rows: [], rowCount: 0 }) };
const answersNot = {
  query: async () => {
    throw new Error('no database');
  },
};

/** What has come of a promise by now. */
const now = (one: Promise<unknown>) =>
  Promise.race([one.then(() => 'given'), new Promise((ask) => setImmediate(() => ask('waits')))]);

/** Until the gate has changed once. */
async function watchOnce(gate: DatabaseGate, database: typeof answers): Promise<void> {
  const stopping = new AbortController();
  const was = gate.isOpen;
  const watching = gate.watch(database, stopping.signal);
  while (gate.isOpen === was) await new Promise((resolve) => setTimeout(resolve, 50));
  stopping.abort();
  await watching;
}

it('hands out so many slots, and each again when it is given back', async () => {
  const gate = new DatabaseGate();
  await watchOnce(gate, answers);
  const slots = gate.slots(2, 'queue');
  const { signal } = new AbortController();
  const first = await slots.reserveSlot(context, signal);
  await slots.reserveSlot(context, signal);
  expect(slots.tryReserveSlot(context)).toBeNull();
  const third = slots.reserveSlot(context, signal);
  const fourth = slots.reserveSlot(context, signal);
  expect(await now(third)).toBe('waits');
  slots.releaseSlot({ permit: first });
  expect(await now(third)).toBe('given');
  expect(await now(fourth)).toBe('waits');
});

it('counts slots as free that polls hold, and not those of tasks', async () => {
  const gate = new DatabaseGate();
  await watchOnce(gate, answers);
  const slots = gate.slots(2, 'queue');
  const { signal } = new AbortController();
  const slotInfo = { type: 'activity', activityType: 'webhook' } as const;
  const [first, second] = [await slots.reserveSlot(context, signal), await slots.reserveSlot(context, signal)];
  expect(gate.free.get('queue')).toBe(2);
  slots.markSlotUsed({ permit: first, slotInfo });
  expect(gate.free.get('queue')).toBe(1);
  slots.releaseSlot({ permit: second });
  expect(gate.free.get('queue')).toBe(1);
  slots.releaseSlot({ permit: first, slotInfo });
  expect(gate.free.get('queue')).toBe(2);
});

it('hands out none while the database does not answer, and goes on when it answers again', async () => {
  const changes: boolean[] = [];
  const gate = new DatabaseGate(() => changes.push(gate.isOpen));
  const slots = gate.slots(2, 'queue');
  const asked = slots.reserveSlot(context, new AbortController().signal);
  expect(await now(asked)).toBe('waits');
  await watchOnce(gate, answers);
  expect(await now(asked)).toBe('given');
  await watchOnce(gate, answersNot);
  slots.releaseSlot({ permit: {} });
  expect(slots.tryReserveSlot(context)).toBeNull();
  const again = [1, 2].map(() => slots.reserveSlot(context, new AbortController().signal));
  expect(await Promise.all(again.map(now))).toEqual(['waits', 'waits']);
  await watchOnce(gate, answers);
  expect(await Promise.all(again.map(now))).toEqual(['given', 'given']);
  expect(changes).toEqual([true, false, true]);
});

it('lets a Worker that stops withdraw its question', async () => {
  const gate = new DatabaseGate();
  const slots = gate.slots(1, 'queue');
  const stopping = new AbortController();
  const asked = slots.reserveSlot(context, stopping.signal);
  stopping.abort();
  await expect(asked).rejects.toBe(stopping.signal.reason);
  await watchOnce(gate, answers);
  expect(slots.tryReserveSlot(context)).not.toBeNull(); // the one that stopped has not taken it
});
