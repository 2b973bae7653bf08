import type { Seen } from './report';

export interface ChartOptions {
  readonly seen: Seen;
  /** The name of the shaded time, such as "main is down". */
  readonly fault: string;
  /** The description for a screen reader. */
  readonly label: string;
}

/** Seconds from the fault. */
const FROM = -10;
const LONGEST = 120;
const PLOT = { left: 70, right: 940, latency: [40, 180], deliveries: [230, 370] } as const;
/** Milliseconds, on a logarithmic scale. */
const TICKS_MS = [1, 10, 100, 1_000, 10_000];

/** An SVG of the time around a fault: the time of each call of publish, and how many deliveries were done in each second, by whose runs. */
export function drawChart({ seen, fault, label }: ChartOptions): string {
  const { begin, end } = seen.injected;
  const after = (at: number): number => (at - begin) / 1000;
  const done = seen.settlements.map(({ at, cluster }) => ({ second: Math.floor(after(at.getTime())), cluster }));
  const calls = seen.published.flatMap(({ at, tookMs }) =>
    tookMs === undefined ? [] : [{ second: after(at), tookMs }],
  );
  const last = Math.max(after(end), ...done.map(({ second }) => second + 1), ...calls.map(({ second }) => second));
  const to = Math.min(LONGEST, Math.ceil(last / 10) * 10);
  const isShown = ({ second }: { readonly second: number }): boolean => second >= FROM && second < to;
  const x = (second: number): number => PLOT.left + ((PLOT.right - PLOT.left) * (second - FROM)) / (to - FROM);
  const bars = countBars(done.filter(isShown));
  const most = niceTop(Math.max(1, ...bars.map(({ before, count }) => before + count)));

  const yMs = scale(PLOT.latency, (ms) => Math.log10(Math.min(10_000, Math.max(1, ms))) / 4);
  const yDone = scale(PLOT.deliveries, (count) => count / most);
  const width = x(1) - x(0);
  const seconds = Array.from({ length: Math.floor((to - FROM) / 10) + 1 }, (_, n) => FROM + 10 * n);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 420" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" role="img" aria-label="${label}">
${STYLE}
<rect class="fault" x="${n(x(0))}" y="${PLOT.latency[0]}" width="${n(x(Math.min(to, after(end))) - x(0))}" height="${PLOT.deliveries[1] - PLOT.latency[0]}" />
<text class="text" x="${n(x(0) + 6)}" y="${PLOT.latency[0] + 14}">${fault}</text>
<text class="title" x="${PLOT.left}" y="${PLOT.latency[0] - 14}">Time of each call of publish, ms</text>
${TICKS_MS.map((ms) => gridLine(yMs(ms), String(ms))).join('\n')}
${calls
  .filter(isShown)
  .map(({ second, tookMs }) => `<circle class="call" cx="${n(x(second))}" cy="${n(yMs(tookMs))}" r="2" />`)
  .join('\n')}
<text class="title" x="${PLOT.left}" y="${PLOT.deliveries[0] - 14}">Deliveries done in each second, by the cluster whose workflows did them</text>
<rect class="main" x="${PLOT.right - 140}" y="${PLOT.deliveries[0] - 24}" width="10" height="10" /><text class="text" x="${PLOT.right - 125}" y="${PLOT.deliveries[0] - 14}">main</text>
<rect class="standby" x="${PLOT.right - 80}" y="${PLOT.deliveries[0] - 24}" width="10" height="10" /><text class="text" x="${PLOT.right - 65}" y="${PLOT.deliveries[0] - 14}">standby</text>
${[0, most / 2, most].map((count) => gridLine(yDone(count), String(count))).join('\n')}
${bars
  .map(({ second, cluster, before, count }) => {
    const top = yDone(before + count);
    return `<rect class="${cluster}" x="${n(x(second))}" y="${n(top)}" width="${n(width * 0.85)}" height="${n(yDone(before) - top)}" />`;
  })
  .join('\n')}
${seconds.map((second) => `<text class="text" text-anchor="middle" x="${n(x(second))}" y="${PLOT.deliveries[1] + 18}">${second}</text>`).join('\n')}
<text class="text" text-anchor="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.deliveries[1] + 38}">seconds from the fault</text>
</svg>
`;
}

interface Bar {
  readonly second: number;
  readonly cluster: string;
  /** Those of the other cluster, below it. */
  readonly before: number;
  readonly count: number;
}

function countBars(done: readonly { readonly second: number; readonly cluster: string }[]): Bar[] {
  return [...new Set(done.map(({ second }) => second))].flatMap((second) => {
    const of = (name: string): number => done.filter((one) => one.second === second && one.cluster === name).length;
    const main = of('main');
    return [
      { second, cluster: 'main', before: 0, count: main },
      { second, cluster: 'standby', before: main, count: of('standby') },
    ].filter(({ count }) => count > 0);
  });
}

const scale =
  ([top, bottom]: readonly [number, number], share: (value: number) => number) =>
  (value: number): number =>
    bottom - (bottom - top) * share(value);

const gridLine = (y: number, text: string): string =>
  `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${n(y)}" y2="${n(y)}" /><text class="text" text-anchor="end" x="${PLOT.left - 8}" y="${n(y + 4)}">${text}</text>`;

/** The next of 10, 20, 40, 100, 200, ... */
function niceTop(value: number): number {
  for (let power = 10; ; power *= 10) {
    for (const factor of [1, 2, 4]) if (power * factor >= value) return power * factor;
  }
}

/** Without digits below a tenth of a pixel. */
const n = (value: number): number => Math.round(value * 10) / 10;

const STYLE = `<style>
  .title { fill: #1f2328; font-size: 13px; font-weight: 600 }
  .text { fill: #57606a }
  .grid { stroke: #d1d9e0 }
  .fault { fill: #ffebe9 }
  .call { fill: #0969da; fill-opacity: 0.6 }
  .main { fill: #0969da }
  .standby { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    .title { fill: #e6edf3 }
    .text { fill: #9198a1 }
    .grid { stroke: #30363d }
    .fault { fill: #3c1618 }
    .call { fill: #4493f8 }
    .main { fill: #4493f8 }
    .standby { fill: #db6d28 }
  }
</style>`;
