import { batchingOf, composeBatch, BATCH_BYTES, type Batching, type Queued } from './compose-batch';
import { SiteQueues } from './site-queues';

const limits = { maxBatch: 100, batchFrom: 5 };

function waiting(...guests: readonly Queued[]): SiteQueues<Queued> {
  const room = new SiteQueues<Queued>({ maxWaiting: 1_000, maxWaitingBytes: 10_000_000 }, () => {});
  for (const one of guests) room.enter(one);
  return room;
}

/** Of the site that its key begins with. */
const guest = (key: string, batching: Batching = 'always', bytes = 100): Queued => ({
  siteId: key.charAt(0),
  bytes,
  batching,
  key,
});

const load = (room: SiteQueues<Queued>, over: Partial<typeof limits> = {}): string[] =>
  composeBatch(room, { ...limits, ...over }).map(({ key }) => key);

test('knows what becomes of an event of a later version, as a journal may hold one after a step back', () => {
  expect(batchingOf('Agent.Login', 100)).toBe('always');
  expect(batchingOf('Chat.Ended', 100)).toBe('when many wait');
});

test('takes one alone where nobody else waits, and nothing where nobody does', () => {
  const room = waiting(guest('a1'));
  expect(load(room)).toEqual(['a1']);
  expect(load(room)).toEqual([]);
});

test('takes those that go together, of all sites in turn, as many as may', () => {
  const room = waiting(...['a1', 'a2', 'a3', 'b1', 'c1'].map((key) => guest(key)));
  expect(load(room, { maxBatch: 4 })).toEqual(['a1', 'b1', 'c1', 'a2']);
  expect(load(room)).toEqual(['a3']);
});

test('stays below the bytes of a batch, and takes what is smaller of another site', () => {
  const room = waiting(guest('a1', 'always', 100), guest('b1', 'always', BATCH_BYTES), guest('c1', 'always', 100));
  expect(load(room)).toEqual(['a1', 'c1']);
  expect(load(room)).toEqual(['b1']);
});

test('lets those that never share a workflow go alone, in their turn', () => {
  const room = waiting(guest('a1'), guest('b1', 'never'), guest('a2'), guest('c1'));
  expect(load(room)).toEqual(['a1', 'c1', 'a2']);
  expect(load(room)).toEqual(['b1']);
});

test('lets those that share one only when many wait go alone until then', () => {
  const chats = ['a1', 'a2', 'b1', 'b2'].map((key) => guest(key, 'when many wait'));
  const room = waiting(...chats);
  expect(load(room)).toEqual(['a1']);
  const crowd = waiting(...chats, guest('c1'));
  expect(load(crowd)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2']);
});

test('never has one key twice in a batch', () => {
  const room = waiting(guest('a1'), guest('a1'), guest('b1'), guest('a2'));
  expect(load(room)).toEqual(['a1', 'b1']);
  expect(load(room)).toEqual(['a1', 'a2']);
});
