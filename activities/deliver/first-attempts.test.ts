import { SLOW_MS, Slots } from '../connections/slots';
import type { RoutedDelivery } from '../record/recorded-event';
import { FirstAttempts, MOST_OF_EVENT } from './first-attempts';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

const MOST_EVENTS = 3;

function open() {
  const slots = { email: new Slots(10), webhook: new Slots(10) };
  return { slots, first: new FirstAttempts(MOST_EVENTS, new Map(Object.entries(slots))) };
}

const delivery = (id: string, over: Partial<RoutedDelivery> = {}): RoutedDelivery => ({
  id,
  label: id,
  consumer: 'webhook',
  mode: 'remote',
  state: 'pending',
  mine: true,
  ...over,
});

it("takes an event's own pending deliveries to destinations", () => {
  const deliveries = [
    delivery('webhook'),
    delivery('email', { consumer: 'email' }),
    delivery('ticket', { consumer: 'ticket' }),
    delivery('done', { state: 'delivered' }),
    delivery('paused', { state: 'parked' }),
    delivery('of another run', { mine: false }),
  ];
  expect([...open().first.take('k', '7', deliveries)]).toEqual(['webhook', 'email']);
});

it('takes none of a consumer whose sends of this site are slow, and those of its other consumers', () => {
  const { slots, first } = open();
  slots.webhook.enter('7', true);
  jest.advanceTimersByTime(SLOW_MS + 1);
  expect([...first.take('k', '7', [delivery('a'), delivery('b', { consumer: 'email' })])]).toEqual(['b']);
  expect([...first.take('l', '8', [delivery('c')])]).toEqual(['c']);
});

it('takes none while half of the slots of the consumer are occupied', () => {
  const { slots, first } = open();
  slots.webhook.occupied = 5;
  expect(first.take('k', '7', [delivery('a')]).size).toBe(0);
  slots.webhook.occupied = 4;
  expect(first.take('k', '7', [delivery('a')]).size).toBe(1);
});

it('takes those of few events at once, and others when all of an event have ended', () => {
  const { first } = open();
  const ofEvent = (n: number) => [delivery(`a${n}`), delivery(`b${n}`)];
  for (let n = 0; n < MOST_EVENTS; n++) expect(first.take(`k${n}`, '7', ofEvent(n)).size).toBe(2);
  expect(first.take('more', '7', [delivery('c')]).size).toBe(0);
  first.leave(['a0']);
  expect(first.take('more', '7', [delivery('c')]).size).toBe(0);
  first.leave(['b0']);
  expect(first.take('more', '7', [delivery('c')]).size).toBe(1);
});

it('takes none of an event that has many, which would hold all local activities', () => {
  const many = Array.from({ length: MOST_OF_EVENT + 1 }, (_, n) => delivery(`d${n}`));
  const { first } = open();
  expect(first.take('k', '7', many).size).toBe(0);
  expect(first.take('k', '7', many.slice(1)).size).toBe(MOST_OF_EVENT);
});

it('forgets those whose workflow task was lost before they began', () => {
  const { first } = open();
  for (let n = 0; n < MOST_EVENTS; n++) first.take(`k${n}`, '7', [delivery(`a${n}`)]);
  jest.advanceTimersByTime(30_001);
  expect(first.take('more', '7', [delivery('c')]).size).toBe(1);
});
