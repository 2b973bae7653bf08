import type { PublisherStatus, Verdict } from './publisher';

const VERDICTS = ['up', 'slow', 'down', 'not ready'] as const satisfies readonly Verdict[];

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * The state of a publisher, in the text form of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), for the chat server to serve with its own metrics.
 * Where there is no journal, its metrics are left out.
 */
export function formatMetrics({
  clusters,
  duplicates,
  takenOver,
  withUnknownFields,
  journal,
}: PublisherStatus): string {
  const verdicts = clusters.flatMap(({ name, verdict }) =>
    VERDICTS.map((one): Sample => [{ cluster: name, verdict: one }, one === verdict ? 1 : 0]),
  );
  const since = clusters.map((one): Sample => [{ cluster: one.name }, one.since / 1000]);
  const accepted = clusters.map((one): Sample => [{ cluster: one.name }, one.accepted]);
  const metrics: [name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[] | number][] = [
    ['cluster', 'gauge', "1 for the publisher's verdict on the cluster, else 0.", verdicts],
    ['cluster_since_seconds', 'gauge', 'When it became that, in seconds since 1970.', since],
    ['accepted_total', 'counter', 'Events that the cluster has accepted, duplicates included.', accepted],
    ['duplicates_total', 'counter', 'Events that a cluster had already.', duplicates],
    [
      'taken_over_total',
      'counter',
      'Events that went to another cluster than the first tried, or were started again.',
      takenOver,
    ],
    [
      'unknown_fields_total',
      'counter',
      'Accepted events with a key that no field of their type has; it is kept in extra.',
      withUnknownFields,
    ],
  ];
  if (journal !== null) {
    metrics.push(
      ['journal_events', 'gauge', 'Events that are not known to be recorded.', journal.entries],
      ['journal_oldest_age_seconds', 'gauge', 'Age of the oldest of them.', journal.oldestAgeMs / 1000],
      ['journal_bytes', 'gauge', 'Bytes of files with such events.', journal.bytes],
      ['journal_kept_bytes', 'gauge', 'Bytes of files that are kept for a replay.', journal.keptBytes],
      ['journal_waiting_bytes', 'gauge', 'Bytes that are not on the disk yet.', journal.waitingBytes],
    );
  }
  const text = metrics.flatMap(([name, type, help, samples]) => {
    const whole = `chat_events_publisher_${name}`;
    const all: readonly Sample[] = typeof samples === 'number' ? [[{}, samples]] : samples;
    const lines = all.map(([labels, value]) => `${whole}${formatLabels(labels)} ${value}`);
    return [`# HELP ${whole} ${help}`, `# TYPE ${whole} ${type}`, ...lines];
  });
  return `${text.join('\n')}\n`;
}

function formatLabels(labels: Sample[0]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
