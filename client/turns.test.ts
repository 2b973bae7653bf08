import { Turns } from './turns';

const limits = { maxInFlight: 1, maxWaiting: 4, maxWaitingBytes: 1_000 };

/** Turns with every one of them taken. */
async function busyTurns(changes: Partial<typeof limits> = {}): Promise<Turns> {
  const turns = new Turns({ ...limits, ...changes });
  await turns.take('first', 1, 1_000);
  return turns;
}

/** Waits for a turn under a name, notes the order, and gives the turn back at once. */
function queue(turns: Turns, order: string[], site: string, name: string, bytes = 1): Promise<string> {
  return turns.take(site, bytes, 10_000).then((outcome) => {
    order.push(outcome === 'taken' ? name : `${name} ${outcome}`);
    if (outcome === 'taken') turns.giveBack();
    return outcome;
  });
}

test('lets as many through at once as it may', async () => {
  const turns = new Turns({ ...limits, maxInFlight: 3, maxWaiting: 0 });
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => turns.take('1', 1, 1_000)));
  expect(outcomes).toEqual(['taken', 'taken', 'taken', 'busy']);
  turns.giveBack();
  expect(await turns.take('1', 1, 1_000)).toBe('taken');
});

test('gives sites their turns one after the other, and events of one site in their order', async () => {
  const turns = await busyTurns({ maxWaiting: 10 });
  const order: string[] = [];
  const waiting = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => queue(turns, order, name[0] ?? '', name));
  turns.giveBack();
  await Promise.all(waiting);
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('refuses to hold more than it may, and takes more again when somebody had a turn', async () => {
  const turns = await busyTurns();
  const order: string[] = [];
  const waiting = ['1', '2', '3', '4'].map((name) => queue(turns, order, 'a', name));
  expect(await turns.take('a', 1, 1_000)).toBe('busy');
  turns.giveBack();
  await Promise.all(waiting);
  expect(order).toEqual(['1', '2', '3', '4']);
  expect(await turns.take('a', 1, 1_000)).toBe('taken');
});

test('refuses to hold more bytes than it may', async () => {
  const turns = await busyTurns();
  const order: string[] = [];
  void queue(turns, order, 'a', '1', 600);
  expect(await turns.take('a', 401, 1_000)).toBe('busy');
  const last = queue(turns, order, 'a', '2', 400);
  turns.giveBack();
  await last;
  expect(order).toEqual(['1', '2']);
});

test('makes room for another site at the cost of the one that fills it', async () => {
  const turns = await busyTurns();
  const order: string[] = [];
  const flood = ['a1', 'a2', 'a3', 'a4'].map((name) => queue(turns, order, 'a', name));
  const others = ['b1', 'b2', 'b3'].map((name) => queue(turns, order, 'b', name));
  turns.giveBack();
  expect(await Promise.all(flood)).toEqual(['taken', 'taken', 'busy', 'busy']);
  expect(await Promise.all(others)).toEqual(['taken', 'taken', 'busy']);
  expect(order.filter((name) => !name.endsWith('busy'))).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('makes room in bytes at the cost of the site that holds most of them', async () => {
  const turns = await busyTurns();
  const order: string[] = [];
  const large = queue(turns, order, 'a', 'a1', 900);
  const small = [1, 2].map((n) => queue(turns, order, 'b', `b${n}`, 150));
  expect(await large).toBe('busy');
  turns.giveBack();
  await Promise.all(small);
  expect(order).toEqual(['a1 busy', 'b1', 'b2']);
});

test('lets go of whoever waited too long, and nobody gets the turn of one who left', async () => {
  const turns = await busyTurns();
  expect(await turns.take('a', 1_000, 5)).toBe('expired');
  const next = turns.take('b', 1_000, 1_000);
  turns.giveBack();
  expect(await next).toBe('taken');
  turns.giveBack();
  expect(await turns.take('c', 1, 1_000)).toBe('taken');
});
