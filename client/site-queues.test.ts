import { SiteQueues } from './site-queues';

interface Guest {
  readonly siteId: string;
  readonly bytes: number;
  readonly name: string;
}

const away: string[] = [];
beforeEach(() => (away.length = 0));

const open = (limits: { maxWaiting?: number; maxWaitingBytes?: number } = {}): SiteQueues<Guest> =>
  new SiteQueues({ maxWaiting: 4, maxWaitingBytes: 1_000, ...limits }, ({ name }) => void away.push(name));

/** Of the site that its name begins with. */
const guest = (name: string, bytes = 1): Guest => ({ siteId: name.charAt(0), bytes, name });

const takeAll = (room: SiteQueues<Guest>): string[] => {
  const order: string[] = [];
  for (let next = room.takeNext(() => true); next; next = room.takeNext(() => true)) order.push(next.name);
  return order;
};

test('gives sites their turns one after the other, and events of one site in their order', () => {
  const room = open({ maxWaiting: 10 });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) room.enter(guest(name));
  expect(takeAll(room)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(room.size).toBe(0);
});

test('passes over a site whose first may not go, and leaves it its turn', () => {
  const room = open({ maxWaiting: 10 });
  for (const name of ['a1', 'a2', 'b1', 'b2']) room.enter(guest(name));
  expect(room.takeNext(({ name }) => name !== 'a1')?.name).toBe('b1');
  expect(takeAll(room)).toEqual(['a1', 'b2', 'a2']);
});

test('refuses to hold more than it may, and takes more again when somebody has left', () => {
  const room = open();
  const guests = ['a1', 'a2', 'a3', 'a4'].map((name) => guest(name));
  expect(guests.map((one) => room.enter(one))).toEqual([true, true, true, true]);
  expect(room.enter(guest('a5'))).toBe(false);
  room.leave(guests[1] as Guest); // it is there
  expect(room.enter(guest('a6'))).toBe(true);
  expect(takeAll(room)).toEqual(['a1', 'a3', 'a4', 'a6']);
});

test('refuses to hold more bytes than it may', () => {
  const room = open();
  expect(room.enter(guest('a1', 600))).toBe(true);
  expect(room.enter(guest('a2', 401))).toBe(false);
  expect(room.enter(guest('a3', 400))).toBe(true);
});

test('makes room for another site at the cost of the one that fills it', () => {
  const room = open();
  for (const name of ['a1', 'a2', 'a3', 'a4']) room.enter(guest(name));
  expect(['b1', 'b2', 'b3'].map((name) => room.enter(guest(name)))).toEqual([true, true, false]);
  expect(away).toEqual(['a4', 'a3']);
  expect(takeAll(room)).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('makes room in bytes at the cost of the site that holds most of them', () => {
  const room = open();
  room.enter(guest('a1', 900));
  room.enter(guest('b1', 150));
  expect(away).toEqual(['a1']);
});

test('always has room for one alone, whatever the limits', () => {
  const room = open({ maxWaiting: 0, maxWaitingBytes: 10 });
  expect(room.enter(guest('a1', 100))).toBe(true);
  expect(room.enter(guest('b1', 1))).toBe(false);
  expect(takeAll(room)).toEqual(['a1']);
});

test('keeps the order of a line of thousands, whoever leaves it in between', () => {
  const room = open({ maxWaiting: Infinity, maxWaitingBytes: Infinity });
  const guests = Array.from({ length: 5_000 }, (_, n) => guest(`a${n}`));
  for (const one of guests) room.enter(one);
  const expected = guests.filter((_, n) => n % 3 > 0);
  const order: (string | undefined)[] = [];
  for (const [n, one] of guests.entries()) {
    if (n % 3 === 0) room.leave(one);
    else order.push(room.takeNext(() => true)?.name);
    room.leave(one); // it is gone already
  }
  expect(order).toEqual(expected.map(({ name }) => name));
  expect([room.size, room.takeNext(() => true)]).toEqual([0, undefined]);
  room.enter(guest('a-last'));
  expect(takeAll(room)).toEqual(['a-last']);
});
