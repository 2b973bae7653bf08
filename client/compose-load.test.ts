import { companyOf, composeLoad, RIDE_BYTES, type Company, type Passenger } from './compose-load';
import { WaitingRoom } from './waiting-room';

const limits = { maxRide: 100, rideFrom: 5 };

function waiting(...guests: readonly Passenger[]): WaitingRoom<Passenger> {
  const room = new WaitingRoom<Passenger>({ maxWaiting: 1_000, maxWaitingBytes: 10_000_000 }, () => {});
  for (const one of guests) room.enter(one);
  return room;
}

/** Of the site that its key begins with. */
const guest = (key: string, company: Company = 'always', bytes = 100): Passenger => ({
  siteId: key.charAt(0),
  bytes,
  company,
  key,
});

const load = (room: WaitingRoom<Passenger>, over: Partial<typeof limits> = {}): string[] =>
  composeLoad(room, { ...limits, ...over }).map(({ key }) => key);

test('knows what becomes of an event of a later version, as a journal may hold one after a step back', () => {
  expect(companyOf('Agent.Login', 100)).toBe('always');
  expect(companyOf('Chat.Ended', 100)).toBe('when many wait');
});

test('takes one alone where nobody else waits, and nothing where nobody does', () => {
  const room = waiting(guest('a1'));
  expect(load(room)).toEqual(['a1']);
  expect(load(room)).toEqual([]);
});

test('takes those who ride together, of all sites in turn, as many as may', () => {
  const room = waiting(...['a1', 'a2', 'a3', 'b1', 'c1'].map((key) => guest(key)));
  expect(load(room, { maxRide: 4 })).toEqual(['a1', 'b1', 'c1', 'a2']);
  expect(load(room)).toEqual(['a3']);
});

test('stays below the bytes of a ride, and takes what is smaller of another site', () => {
  const room = waiting(guest('a1', 'always', 100), guest('b1', 'always', RIDE_BYTES), guest('c1', 'always', 100));
  expect(load(room)).toEqual(['a1', 'c1']);
  expect(load(room)).toEqual(['b1']);
});

test('lets those who never ride go alone, in their turn', () => {
  const room = waiting(guest('a1'), guest('b1', 'never'), guest('a2'), guest('c1'));
  expect(load(room)).toEqual(['a1', 'c1', 'a2']);
  expect(load(room)).toEqual(['b1']);
});

test('lets those who ride only when many wait go alone until then', () => {
  const chats = ['a1', 'a2', 'b1', 'b2'].map((key) => guest(key, 'when many wait'));
  const room = waiting(...chats);
  expect(load(room)).toEqual(['a1']);
  const crowd = waiting(...chats, guest('c1'));
  expect(load(crowd)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2']);
});

test('never has one key twice in a ride', () => {
  const room = waiting(guest('a1'), guest('a1'), guest('b1'), guest('a2'));
  expect(load(room)).toEqual(['a1', 'b1']);
  expect(load(room)).toEqual(['a1', 'a2']);
});
