import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const read = (...path: string[]): string => readFileSync(join(__dirname, '..', 'deploy', ...path), 'utf8');

/** Of deploy/prometheus/alerts.yaml, by group. */
export function readAlerts(): ReadonlyMap<string, readonly Alert[]> {
  const { groups } = parse(read('prometheus', 'alerts.yaml')) as { groups: { name: string; rules: Alert[] }[] };
  return new Map(groups.map(({ name, rules }) => [name, rules]));
}

/** Expressions of the panels of deploy/grafana/chat-events.json. */
export function readPanelExpressions(): string[] {
  const { panels } = JSON.parse(read('grafana', 'chat-events.json')) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** Names of metrics in expressions, as a worker serves them: without the suffixes of a histogram. */
export function metricsOf(expressions: readonly string[]): string[] {
  const bare = expressions.map((expr) => expr.replace(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) \([^)]*\)/g, ' '));
  const names = bare.flatMap((expr) => expr.match(/\b[a-z]+(?:_[a-z]+)+\b(?!\s*\()/g) ?? []);
  return [...new Set(names.map((name) => name.replace(/_bucket$/, '')))].sort();
}
