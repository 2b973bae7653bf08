import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatMetrics,
  type ClusterOptions,
  type PublisherOptions,
  type PublisherStatus,
  type PublishEventOptions,
  type Receipt,
} from '../client';
import { readPublisherOptions } from '../client/publisher-options';
import { createMetrics as createIngressMetrics } from '../ingress/metrics';
import { createMetrics } from '../workers/metrics';

const read = (path: string): string => readFileSync(join(__dirname, '..', path), 'utf8');

/** By the name that begins it, each row of a page's tables: its second cell. */
const rowsOf = (page: string): Map<string, string> =>
  new Map(
    [...read(page).matchAll(/^\| `([^`]+)` *\| *([^|]*?) *\|/gm)].map(([, name = '', cell = '']) => [name, cell]),
  );

describe('docs/publishing.md', () => {
  const rows = rowsOf('docs/publishing.md');

  it('has every option and every field of a receipt', () => {
    // The compiler wants all of them here.
    const nested = {
      clusters: 'clusters',
      journal: 'journal.dir',
      largeEvents: 'largeEvents.dir',
      interceptors: 'interceptors',
    };
    const { clusters, journal, largeEvents, interceptors } = nested satisfies Record<OptionsThatAreObjects, string>;
    const cluster: Record<keyof ClusterOptions, 1> = {
      name: 1,
      address: 1,
      namespace: 1,
      tls: 1,
      apiKey: 1,
      apiKeyFile: 1,
      metadata: 1,
    };
    const publish: Record<keyof PublishEventOptions, 1> = { id: 1, siteId: 1, receivedAt: 1 };
    const receipt: Record<keyof Receipt, 1> = {
      id: 1,
      key: 1,
      workflowId: 1,
      acceptedBy: 1,
      duplicate: 1,
      unknownFields: 1,
    };
    const named = [publish, receipt].flatMap(Object.keys);
    const all = [
      clusters,
      journal,
      largeEvents,
      interceptors,
      'installation',
      ...Object.keys(cluster).map((name) => `clusters[].${name}`),
      ...named,
    ];
    expect(all.filter((name) => !rows.has(name))).toEqual([]);
  });

  it('has the defaults of the publisher', () => {
    const given = { clusters: [{ name: 'main', address: 'main:7233' }], journal: { dir: 'journal' } };
    const {
      clusters: _,
      largeEventsDir: __,
      payloadKeys: ___,
      interceptors: ____,
      installation: _____,
      journal,
      ...numbers
    } = readPublisherOptions(given);
    const defaults = {
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, inWords(value)])),
      'journal.maxBytes': inWords(journal?.maxBytes),
      'journal.keepHours': inWords(journal?.keepHours),
    };
    expect(Object.fromEntries(Object.keys(defaults).map((name) => [name, rows.get(name)]))).toEqual(defaults);
  });
});

type OptionsThatAreObjects = {
  [Name in keyof PublisherOptions]-?: NonNullable<PublisherOptions[Name]> extends object ? Name : never;
}[keyof PublisherOptions];

/** A number as the table has it. */
function inWords(value: number | undefined = NaN): string {
  if (value % 1024 ** 3 === 0) return `${value / 1024 ** 3} GiB`;
  return value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MiB` : value.toLocaleString('en');
}

it('docs/metrics.md has every metric of workers, sidecars and publishers, and no other', async () => {
  const ofWorkers = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
  const journal = { isHeld: true, entries: 0, unstarted: 0, bytes: 0, keptBytes: 0, waitingBytes: 0, oldestAgeMs: 0 };
  const status: PublisherStatus = {
    installation: null,
    clusters: [],
    duplicates: 0,
    takenOver: 0,
    withUnknownFields: 0,
    journal,
  };
  const ofPublishers = [...formatMetrics(status).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const listed = [...rowsOf('docs/metrics.md').keys()].filter((name) => name.startsWith('chat_events_'));
  const ofSidecars = createIngressMetrics(() => 0)
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  expect(listed.sort()).toEqual([...ofWorkers, ...ofSidecars, ...ofPublishers].sort());
});
