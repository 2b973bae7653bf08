import { SiteQueues } from './site-queues';

interface Item {
  readonly siteId: string;
  readonly bytes: number;
  readonly name: string;
}

const displaced: string[] = [];
beforeEach(() => (displaced.length = 0));

const open = (limits: { maxWaiting?: number; maxWaitingBytes?: number } = {}): SiteQueues<Item> =>
  new SiteQueues({ maxWaiting: 4, maxWaitingBytes: 1_000, ...limits }, ({ name }) => void displaced.push(name));

/** Of the site that its name begins with. */
const item = (name: string, bytes = 1): Item => ({ siteId: name.charAt(0), bytes, name });

const takeAll = (queues: SiteQueues<Item>): string[] => {
  const order: string[] = [];
  for (let next = queues.takeNext(() => true); next; next = queues.takeNext(() => true)) order.push(next.name);
  return order;
};

test('gives sites their turns one after the other, and events of one site in their order', () => {
  const queues = open({ maxWaiting: 10 });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) queues.add(item(name));
  expect(takeAll(queues)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(queues.size).toBe(0);
});

test('passes over a site whose first does not fit, and leaves it its turn', () => {
  const queues = open({ maxWaiting: 10 });
  for (const name of ['a1', 'a2', 'b1', 'b2']) queues.add(item(name));
  expect(queues.takeNext(({ name }) => name !== 'a1')?.name).toBe('b1');
  expect(takeAll(queues)).toEqual(['a1', 'b2', 'a2']);
});

test('refuses to hold more than it may, and takes more again when one is removed', () => {
  const queues = open();
  const items = ['a1', 'a2', 'a3', 'a4'].map((name) => item(name));
  expect(items.map((one) => queues.add(one))).toEqual([true, true, true, true]);
  expect(queues.add(item('a5'))).toBe(false);
  queues.remove(items[1] as Item); // it is there
  expect(queues.add(item('a6'))).toBe(true);
  expect(takeAll(queues)).toEqual(['a1', 'a3', 'a4', 'a6']);
});

test('refuses to hold more bytes than it may', () => {
  const queues = open();
  expect(queues.add(item('a1', 600))).toBe(true);
  expect(queues.add(item('a2', 401))).toBe(false);
  expect(queues.add(item('a3', 400))).toBe(true);
});

test('makes room for another site at the cost of the one that fills it', () => {
  const queues = open();
  for (const name of ['a1', 'a2', 'a3', 'a4']) queues.add(item(name));
  expect(['b1', 'b2', 'b3'].map((name) => queues.add(item(name)))).toEqual([true, true, false]);
  expect(displaced).toEqual(['a4', 'a3']);
  expect(takeAll(queues)).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('makes room in bytes at the cost of the site that holds most of them', () => {
  const queues = open();
  queues.add(item('a1', 900));
  queues.add(item('b1', 150));
  expect(displaced).toEqual(['a1']);
});

test('always has room for one alone, beyond its limits, too', () => {
  const queues = open({ maxWaiting: 0, maxWaitingBytes: 10 });
  expect(queues.add(item('a1', 100))).toBe(true);
  expect(queues.add(item('b1', 1))).toBe(false);
  expect(takeAll(queues)).toEqual(['a1']);
});

test('keeps the order of a queue of thousands while some are removed in between', () => {
  const queues = open({ maxWaiting: Infinity, maxWaitingBytes: Infinity });
  const items = Array.from({ length: 5_000 }, (_, n) => item(`a${n}`));
  for (const one of items) queues.add(one);
  const expected = items.filter((_, n) => n % 3 > 0);
  const order: (string | undefined)[] = [];
  for (const [n, one] of items.entries()) {
    if (n % 3 === 0) queues.remove(one);
    else order.push(queues.takeNext(() => true)?.name);
    queues.remove(one); // it is gone already
  }
  expect(order).toEqual(expected.map(({ name }) => name));
  expect([queues.size, queues.takeNext(() => true)]).toEqual([0, undefined]);
  queues.add(item('a-last'));
  expect(takeAll(queues)).toEqual(['a-last']);
});
