import { drawChart } from './draw-chart';
import type { Seen } from './report';

const begin = 1_000_000;

/** Calls and deliveries, by seconds from a fault of 20 s. */
function seenOf(calls: readonly (readonly [number, number])[], done: readonly (readonly [number, string])[]): Seen {
  return {
    injected: { begin, end: begin + 20_000, attempts: 0, faults: {} },
    published: calls.map(([second, tookMs]) => ({
      publication: { outcome: 'refused', type: 'any', reason: 'any' },
      at: begin + second * 1000,
      tookMs,
      accepted: undefined,
      refusals: [],
    })),
    settlements: done.map(([second, cluster]) => ({
      eventKey: 'any',
      dataQueue: 'any',
      cluster,
      at: new Date(begin + second * 1000),
    })),
  };
}

const numbers = (svg: string, element: RegExp): number[] => [...svg.matchAll(element)].map(([, text]) => Number(text));

it('puts each call where its time and its milliseconds belong, on a logarithmic scale', () => {
  const svg = drawChart({
    seen: seenOf(
      [
        [-10, 1],
        [5, 100],
        [19.9, 50_000],
      ],
      [],
    ),
    fault: 'down',
    label: 'x',
  });
  expect(numbers(svg, /<circle class="call" cx="([\d.]+)"/g)).toEqual([70, 505, 937.1]); // 30 s are 870 wide
  expect(numbers(svg, /<circle class="call" [^>]*cy="([\d.]+)"/g)).toEqual([180, 110, 40]); // 1 ms, its middle, the top
});

it('stacks the deliveries of a second, those of standby on those of main, and shades the fault', () => {
  const svg = drawChart({
    seen: seenOf(
      [],
      [
        [1.2, 'main'],
        [1.9, 'standby'],
        [1.3, 'standby'],
        [19.5, 'standby'],
      ],
    ),
    fault: 'main is down',
    label: 'x',
  });
  // Of 10 at most, 140 high.
  expect(svg).toContain('<rect class="main" x="389" y="356" width="24.7" height="14" />');
  expect(svg).toContain('<rect class="standby" x="389" y="328" width="24.7" height="28" />');
  expect(svg).toContain('<rect class="fault" x="360" y="40" width="580" height="330" />');
  expect(svg).toContain('main is down');
});

it('leaves out events outside of its time', () => {
  const svg = drawChart({
    seen: seenOf(
      [
        [-11, 5],
        [300, 5],
      ],
      [
        [-12, 'main'],
        [300, 'main'],
      ],
    ),
    fault: '',
    label: 'x',
  });
  expect(svg).not.toContain('<circle');
  expect(numbers(svg, /<text [^>]*y="388">(-?\d+)</g).at(-1)).toBe(120);
});
