import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freshNamespace } from '../../tests/fresh-namespace';
import { Clusters } from '../clusters';
import { prepareEvent } from '../prepare-event';
import { readPublisherOptions } from '../publisher-options';
import { Journal } from './journal';
import { Outbox } from './outbox';

const newBan = () =>
  prepareEvent('Agent.Ban', { SiteId: 1, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 }, { id: randomUUID() });

test('an event whose place on the disk cannot be read holds up none of those that go with it', async () => {
  const temporal = await freshNamespace();
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const clusters = [{ name: 'main', address, namespace: temporal.namespace }];
  const settings = readPublisherOptions({ clusters, deadlineMs: 30_000 });
  const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 });
  const read = journal.read.bind(journal);
  const unreadable = newBan();
  jest.spyOn(journal, 'read').mockImplementation(async (places) => {
    const texts = await read(places);
    if (texts.some((text) => text.includes(unreadable.key))) throw new Error('EIO: i/o error, read');
    return texts;
  });
  const warned = new Promise<unknown>((resolve) => {
    jest.spyOn(process, 'emitWarning').mockImplementation((message) => resolve(message));
  });
  const outbox = new Outbox(settings, new Clusters({ ...settings, probeDeadlineMs: 10_000 }), journal);
  const others = [newBan(), newBan()];
  await Promise.all([unreadable, ...others].map((event) => outbox.accept(event)));
  expect(await warned).toBe('An event waits in the journal: EIO: i/o error, read');
  await outbox.close(); // when the others are started
  for (const { key } of others) {
    expect(await temporal.client.workflow.getHandle(key).describe()).toMatchObject({ status: { name: 'RUNNING' } });
  }
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
  await temporal.close();
});

test('while no server listens at the address, a start waits: it does not ask again and again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const settings = readPublisherOptions({ clusters: [{ name: 'main', address: '127.0.0.1:1' }], deadlineMs: 500 });
  const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 });
  const clusters = new Clusters({ ...settings, probeDeadlineMs: 10_000 });
  const waits = jest.spyOn(clusters, 'untilUsable');
  const outbox = new Outbox(settings, clusters, journal);
  await outbox.accept(newBan());
  while (!clusters.refuseConnections(0)) await pause(10);
  await pause(500);
  expect(waits.mock.calls.length).toBeLessThan(10);
  expect(outbox.status().entries).toBe(1);
  await outbox.close();
  rmSync(dir, { recursive: true });
});

test('of two contents under one id at once the second is refused, and is accepted where the first could not be written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const settings = readPublisherOptions({ clusters: [{ name: 'main', address: '127.0.0.1:1' }], deadlineMs: 500 });
  const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 });
  const outbox = new Outbox(settings, new Clusters({ ...settings, probeDeadlineMs: 10_000 }), journal);
  const ban = (AgentId: number, id: string) =>
    prepareEvent('Agent.Ban', { SiteId: 1, AgentId, BanType: 0, IpFromOrVisitorId: 9 }, { id });
  const accept = async (agentId: number, id: string) =>
    await outbox.accept(ban(agentId, id)).then(
      () => 'accepted',
      ({ name }: Error) => name,
    );
  expect(await Promise.all([accept(1, 'a'), accept(2, 'a'), accept(1, 'a')])).toEqual([
    'accepted',
    'IdConflict',
    'accepted',
  ]);
  expect(await accept(2, 'a')).toBe('IdConflict');
  jest.spyOn(journal, 'append').mockRejectedValueOnce(new Error('EIO'));
  expect(await accept(1, 'b')).toBe('Error');
  expect(await accept(2, 'b')).toBe('accepted');
  await outbox.close();
  rmSync(dir, { recursive: true });
});

test('its oldest event may be one that an earlier process has left, whichever was there first', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const settings = readPublisherOptions({ clusters: [{ name: 'main', address: '127.0.0.1:1' }], deadlineMs: 500 });
  const open = (): Outbox => {
    const clusters = new Clusters({ ...settings, probeDeadlineMs: 10_000 });
    return new Outbox(settings, clusters, new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 }));
  };
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
  const publishedAgo = async (outbox: Outbox, ms: number): Promise<void> => {
    now.mockReturnValueOnce(Date.now() - ms);
    await outbox.accept(newBan());
  };
  const before = open();
  for (const ms of [9_000, 8_000]) await publishedAgo(before, ms);
  await before.close();
  const after = open();
  await publishedAgo(after, 5_000);
  while (after.status().entries !== 3) await pause(10);
  expect(after.status().oldestAgeMs).toBe(9_000);
  await after.close();
  rmSync(dir, { recursive: true });
});
