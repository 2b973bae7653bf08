import { well } from '../../tests/drill-report';
import type { DrillReport } from './report';
import { makeTable } from './make-table';

const run: DrillReport = {
  ...well,
  scenario: 'main-killed',
  published: 262,
  wireDuplicates: 1,
  attemptsMet: 3,
  acknowledgedAfterMs: 12,
  deliveredAfterMs: 1_500,
  settledAfterMs: 61_000,
  publishMs: { before: { p50: 5, p99: 90 }, during: { p50: 6, p99: 40 }, afterwards: null },
};

it('has one line per scenario that ran: sums of the counts, the worst of the measurements', () => {
  const table = makeTable([run, { ...run, seed: 2, acknowledgedAfterMs: null, settledAfterMs: 70_000 }], 18.24);
  const [machine, , ...lines] = table.split('\n');
  expect(machine).toMatch(/^Measured on .*; 18.2 events per second unless/);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toBe(
    '| 1 | main SIGKILLed and started again after 20 s | 2 | 524 | 0 | 0 | 2 of 6 | 0 | 12 ms | 1.5 s | 70.0 s | 5 / 90 ms | 6 / 40 ms |',
  );
});

it('keeps the lines, and the head, of an earlier table whose scenarios did not run now', () => {
  const earlier = makeTable([run, { ...run, scenario: 'main-lost' }], 50);
  const [head, , ...lines] = earlier.split('\n');
  const table = makeTable([{ ...run, scenario: 'main-lost', published: 5 }], 8, earlier).split('\n');
  expect(table).toEqual([head, '', ...lines.slice(0, 3), expect.stringMatching(/^\| 2 \| .* \| 1 \| 5 \|/)]);
});
