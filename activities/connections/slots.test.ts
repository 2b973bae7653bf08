import type { Leave } from './in-flight';
import { SLOW_MS, Slots } from './slots';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

const TOTAL = 20;

/** Activities that hold a slot each. */
class Worker {
  readonly slots = new Slots(TOTAL);
  readonly held: { readonly siteId: string; readonly leave: Leave }[] = [];

  /** One comes alone, if there is a slot for its activity. @returns whether it may send */
  come(siteId: string): boolean {
    if (this.slots.occupied === TOTAL) return false;
    this.slots.occupied += 1;
    const leave = this.slots.enter(siteId, true);
    if (typeof leave === 'function') this.held.push({ siteId, leave });
    else this.slots.occupied -= 1;
    return typeof leave === 'function';
  }

  /** All that are under way end after so long. */
  end(ms: number): void {
    jest.advanceTimersByTime(ms);
    for (const { leave } of this.held.splice(0)) {
      this.slots.occupied -= 1;
      leave();
    }
  }

  heldBy = (siteId: string): number => this.held.filter((one) => one.siteId === siteId).length;
}

const sites = (count: number): string[] => Array.from({ length: count }, (_, n) => `hanging-${n}`);

it.each([1, 2, 6, 20, 60])('gives half of the slots at most to %d sites whose destinations hang', (count) => {
  const worker = new Worker();
  for (const site of sites(count)) {
    worker.come(site);
    worker.end(15_000);
  }
  for (let round = 0; round < TOTAL; round++) for (const site of sites(count)) worker.come(site);
  expect(worker.held).toHaveLength(TOTAL / 2);
  const shares = sites(Math.min(count, TOTAL / 2)).map(worker.heldBy);
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  expect(worker.come('well')).toBe(true);
});

it('counts a site as slow while a send is under way for long, and until its sends are quick again', () => {
  const worker = new Worker();
  worker.come('a');
  expect(worker.slots.isSlow('a')).toBe(false);
  jest.advanceTimersByTime(SLOW_MS + 1);
  expect(worker.slots.isSlow('a')).toBe(true);
  worker.end(15_000);
  expect(worker.slots.isSlow('a')).toBe(true);
  for (let sends = 0; sends < 4; sends++) {
    expect(worker.come('a')).toBe(true);
    worker.end(20);
  }
  expect(worker.slots.isSlow('a')).toBe(false);
});

it('leaves slots free for others where sites of which nothing is known begin to hang at once', () => {
  const worker = new Worker();
  for (let round = 0; round < TOTAL; round++) for (const site of sites(6)) worker.come(site);
  expect(worker.held.length).toBeLessThan(TOTAL);
  expect(worker.come('well')).toBe(true);
});

it('lets one busy site have half, and the many of a batch go at once', () => {
  const worker = new Worker();
  for (let round = 0; round < TOTAL; round++) worker.come('busy');
  expect(worker.held).toHaveLength(TOTAL / 2);
  for (let n = 0; n < 3 * TOTAL; n++) expect(worker.slots.enter('batch', false)).toEqual(expect.any(Function));
});

it('counts the sends of batches to slow sites, too', () => {
  const worker = new Worker();
  worker.come('hanging');
  worker.end(15_000);
  const sends = Array.from({ length: TOTAL }, () => worker.slots.enter('hanging', false));
  expect(sends.filter((one) => typeof one === 'function')).toHaveLength(TOTAL / 2);
});

it('asks those of a slow site to come one after the other, as fast as its sends end', () => {
  const worker = new Worker();
  for (let n = 0; n < 10; n++) {
    worker.come('a');
    worker.end(10_000);
  }
  const waits = Array.from({ length: 3 }, () => worker.slots.waitMs('a'));
  expect(waits.map((ms) => Math.round(ms / 100) / 10)).toEqual([1.5, 2.5, 3.5]);
});

it('learns nothing from a place that was given back unused', () => {
  const { slots } = new Worker();
  const leave = slots.enter('a', true);
  jest.advanceTimersByTime(60_000);
  if (typeof leave === 'function') leave(true);
  expect(slots.isSlow('a')).toBe(false);
});

it('remembers no more than a thousand sites', () => {
  const worker = new Worker();
  for (const site of sites(1_200)) {
    worker.come(site);
    worker.end(15_000);
  }
  expect(sites(1_200).filter((site) => worker.slots.isSlow(site))).toHaveLength(1_000);
});

it('asks none to come back later than in five minutes, after which its site takes no share of the others', () => {
  const worker = new Worker();
  worker.come('gone');
  worker.end(15_000);
  for (let n = 0; n < 1_000; n++) expect(worker.slots.waitMs('gone')).toBeLessThanOrEqual(300_000);
  jest.advanceTimersByTime(300_000);
  worker.come('hanging');
  jest.advanceTimersByTime(SLOW_MS + 1);
  for (let round = 0; round < TOTAL; round++) worker.come('hanging');
  expect(worker.heldBy('hanging')).toBe(TOTAL / 2);
});

it('counts a site as slow after its first send took long, so that the next one is not tried beside its workflow', () => {
  const worker = new Worker();
  worker.come('a');
  worker.end(SLOW_MS + 100);
  expect(worker.slots.isSlow('a')).toBe(true);
});
