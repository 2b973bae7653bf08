import type { Line } from './report-peers';
import { nameOf } from './report-peers';
import { PRODUCT } from './product';

const BAR = { left: 190, width: 620, height: 14, step: 20 };
const HEAD = 46;

/** An SVG with a bar for each system at each load: its events per second as a share of the fastest at that load. */
export function drawPeers(all: readonly Line[]): string {
  const lines = all.filter(({ mode, system }) => mode.isSafe || system === PRODUCT);
  const shown = lines.some(({ system }) => system !== PRODUCT) ? lines : all;
  const loads = [...new Set(shown.map(loadOf))];
  let y = 10;
  const parts = loads.map((load) => {
    const rows = [...new Map(shown.filter((one) => loadOf(one) === load).map((one) => [one.system, one])).values()];
    const fastest = Math.max(...rows.map(({ eventsPerSecond }) => eventsPerSecond));
    const title = `<text class="title" x="20" y="${y + 26}">${load}</text>`;
    const top = y + HEAD;
    y = top + rows.length * BAR.step;
    return [title, ...rows.map((one, n) => drawBar(one, top + n * BAR.step, fastest))].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 ${y + 20}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" role="img" aria-label="Events per second of each system, by load">
${STYLE}
${parts.join('\n')}
</svg>
`;
}

const loadOf = ({ consumers, outstanding }: Line): string =>
  `${consumers === 1 ? 'One consumer' : `${consumers} consumers`} for each event, ${outstanding.toLocaleString('en')} outstanding`;

function drawBar({ system, eventsPerSecond, deliveredMs }: Line, top: number, fastest: number): string {
  const width = Math.max(1, Math.round((BAR.width * eventsPerSecond) / fastest));
  const rate = eventsPerSecond < 100 ? eventsPerSecond.toFixed(1) : Math.round(eventsPerSecond).toLocaleString('en');
  const base = top + BAR.height - 3;
  const [inside, anchor, x] =
    width > 300 ? ['inside', 'end', BAR.left + width - 8] : ['text', 'start', BAR.left + width + 8];
  return `<text class="text" text-anchor="end" x="${BAR.left - 10}" y="${base}">${nameOf(system)}</text><rect class="${system === PRODUCT ? 'ours' : 'peer'}" x="${BAR.left}" y="${top}" width="${width}" height="${BAR.height}" /><text class="${inside}" text-anchor="${anchor}" x="${x}" y="${base}">${rate} events/s, p50 ${deliveredMs.p50.toFixed(0)} ms</text>`;
}

const STYLE = `<style>
  .title { fill: #1f2328; font-size: 13px; font-weight: 600 }
  .text { fill: #57606a }
  .inside { fill: #ffffff }
  .ours { fill: #0969da }
  .peer { fill: #6e7781 }
  @media (prefers-color-scheme: dark) {
    .title { fill: #e6edf3 }
    .text { fill: #9198a1 }
    .ours { fill: #1f6feb }
  }
</style>`;
