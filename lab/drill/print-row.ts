import type { Latency } from '../latency';
import type { DrillReport } from './report';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (report: DrillReport) => string;
}

const seconds = (ms: number | null): string => (ms === null ? '-' : (ms / 1000).toFixed(ms < 10_000 ? 2 : 1));
const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
const both = (latency: Latency | null): string =>
  latency === null ? '-' : `${latency.p50.toFixed(0)}/${latency.p99.toFixed(0)}`;

/** Columns of the table of runs. */
export const columns: readonly Column[] = [
  { title: 'scenario', width: -28, text: ({ scenario }) => scenario },
  { title: 'seed', width: 5, text: ({ seed }) => String(seed) },
  { title: 'rate', width: 6, text: ({ rate }) => rate.toFixed(1) },
  { title: 'published', width: 10, text: ({ published }) => String(published) },
  {
    title: 'acknowledged by',
    width: 26,
    text: ({ acknowledged }) =>
      Object.entries(acknowledged)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
  },
  { title: 'delivered', width: 10, text: ({ delivered }) => String(sum(delivered)) },
  { title: 'lost', width: 5, text: ({ lost }) => String(lost) },
  { title: 'twice', width: 6, text: ({ duplicateEffects }) => String(duplicateEffects) },
  { title: 'wire', width: 9, text: ({ wireDuplicates, attemptsMet }) => `${wireDuplicates} of ${attemptsMet}` },
  { title: 'refused', width: 8, text: ({ refused }) => String(sum(refused)) },
  { title: 'ack s', width: 6, text: ({ acknowledgedAfterMs }) => seconds(acknowledgedAfterMs) },
  { title: 'delivery s', width: 11, text: ({ deliveredAfterMs }) => seconds(deliveredAfterMs) },
  { title: 'settled s', width: 10, text: ({ settledAfterMs }) => seconds(settledAfterMs) },
  { title: 'ms before', width: 10, text: ({ publishMs }) => both(publishMs.before) },
  { title: 'during', width: 10, text: ({ publishMs }) => both(publishMs.during) },
];

const pad = (text: string, width: number): string => (width < 0 ? text.padEnd(-width) : text.padStart(width));

export const headings = columns.map(({ title, width }) => pad(title, width)).join(' ');

export const rowOf = (report: DrillReport): string =>
  columns.map(({ text, width }) => pad(text(report), width)).join(' ');
