import { drawPeers } from './draw-peers';
import { inBatches } from './in-batches';
import type { Measured } from './measure-peers';
import type { Mode } from './peer';
import { printPeers, summarise } from './report-peers';

const percentiles = { p50: 10, p95: 20, p99: 30 };

const measured = (system: string, mode: Mode, eventsPerSecond: number): Measured => ({
  system,
  mode,
  consumers: 1,
  outstanding: 50,
  eventsPerSecond,
  eventsPerWorkflow: 1,
  acknowledgedMs: percentiles,
  deliveredMs: percentiles,
  cpuMs: { publisher: 0.1, worker: 0.2 },
  megabytes: { worker: 150 },
});

const [single, batched] = [false, true].map((isBatched) => ({ isBatched, isSafe: true })) as [Mode, Mode]; // two
const rounds = [
  ...[100, 300, 200].map((rate) => measured('product', batched, rate)),
  ...[50, 60, 70].map((rate) => measured('bullmq', single, rate)),
  ...[20, 400, 100].map((rate) => measured('bullmq', batched, rate)),
];

describe('summarise', () => {
  it('takes the median of the rounds, the better mode of each system, and its share of what the product does', () => {
    const lines = summarise(rounds).filter(({ mode }) => mode.isSafe);
    expect(
      lines.map(({ system, mode, eventsPerSecond, ofProduct }) => [system, mode.isBatched, eventsPerSecond, ofProduct]),
    ).toEqual([
      ['product', true, 200, 1],
      ['bullmq', true, 100, 0.5],
    ]);
  });
});

describe('printPeers', () => {
  const machine = { processor: 'any', cores: 2, memoryGigabytes: 8, node: 'v20.0.0' };
  const text = printPeers({ machine, skipped: ['RabbitMQ: install it'], failed: [], lines: summarise(rounds) });

  it('says what each peer lacks and which was skipped, and leaves out a table without peers', () => {
    expect(text).toMatch(/^BullMQ lacks .*journal/m);
    expect(text).toContain('Skipped: RabbitMQ: install it');
    expect(text).toContain('With atomic fan-out');
    expect(text).not.toContain('As its documentation begins');
  });
});

describe('drawPeers', () => {
  it('has a bar for each system at each load, the longest for the fastest', () => {
    const widths = [...drawPeers(summarise(rounds)).matchAll(/<rect class="(\w+)".* width="(\d+)"/g)].map(
      ([, kind, width]) => [kind, width],
    );
    expect(widths).toEqual([
      ['ours', '620'],
      ['peer', '310'],
    ]);
  });
});

describe('inBatches', () => {
  it('has as many lists under way as may be, sends together what comes meanwhile, and gives each caller the error of its own list', async () => {
    const lists: string[][] = [];
    let underWay = 0;
    let most = 0;
    const send = async (items: string[]): Promise<void> => {
      lists.push(items);
      most = Math.max(most, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
      if (items.includes('bad')) throw new Error('refused');
    };
    const add = inBatches<string>(2, send, 2);
    const outcomes = await Promise.allSettled(['a', 'b', 'bad', 'c', 'd'].map(add));
    expect(lists).toEqual([['a', 'b'], ['bad', 'c'], ['d']]);
    expect(most).toBe(2);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
  });
});
