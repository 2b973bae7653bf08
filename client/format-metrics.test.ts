import { formatMetrics } from './format-metrics';

const clusters = [
  { name: 'main', verdict: 'down', since: 1_500, reason: 'gone', accepted: 3 },
  { name: 'the "other"', verdict: 'up', since: 0, reason: '', accepted: 0 },
] as const;

const counts = { installation: null, duplicates: 0, takenOver: 0, withUnknownFields: 0 };

it('says how each cluster is, and counts', () => {
  const text = formatMetrics({ ...counts, clusters, duplicates: 1, takenOver: 2, withUnknownFields: 3, journal: null });
  expect(text).toContain(
    `# HELP chat_events_publisher_cluster 1 for the publisher's verdict on the cluster, else 0.
# TYPE chat_events_publisher_cluster gauge
chat_events_publisher_cluster{cluster="main",verdict="up"} 0
chat_events_publisher_cluster{cluster="main",verdict="slow"} 0
chat_events_publisher_cluster{cluster="main",verdict="down"} 1
chat_events_publisher_cluster{cluster="main",verdict="not ready"} 0
chat_events_publisher_cluster{cluster="the \\"other\\"",verdict="up"} 1
`,
  );
  expect(text).toContain('chat_events_publisher_cluster_since_seconds{cluster="main"} 1.5\n');
  expect(text).toContain('chat_events_publisher_accepted_total{cluster="main"} 3\n');
  expect(text).toContain('chat_events_publisher_duplicates_total 1\n');
  expect(text).toContain('chat_events_publisher_taken_over_total 2\n');
  expect(text).toContain('chat_events_publisher_unknown_fields_total 3\n');
  expect(text).not.toContain('journal');
});

it('says how much is in the journal, where there is one', () => {
  const journal = {
    isHeld: true,
    entries: 7,
    unstarted: 2,
    bytes: 4_096,
    keptBytes: 512,
    waitingBytes: 64,
    oldestAgeMs: 2_500,
  };
  const text = formatMetrics({ ...counts, clusters: [], journal });
  expect(text.split('\n').filter((line) => /^[^#].*journal/.test(line))).toEqual([
    'chat_events_publisher_journal_events 7',
    'chat_events_publisher_journal_oldest_age_seconds 2.5',
    'chat_events_publisher_journal_bytes 4096',
    'chat_events_publisher_journal_kept_bytes 512',
    'chat_events_publisher_journal_waiting_bytes 64',
  ]);
});
