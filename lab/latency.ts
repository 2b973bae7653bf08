/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The value that `share` (0 to 1) of the values do not exceed; NaN where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2;
}

export const latencyOf = (values: readonly number[]): Latency => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
});

export const showLatency = ({ p50, p99 }: Latency, digits = 0): string =>
  `p50 ${p50.toFixed(digits)} ms, p99 ${p99.toFixed(digits)} ms`;
