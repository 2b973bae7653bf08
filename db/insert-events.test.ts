import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { idsOf, newEvent } from '../tests/new-event';
import type { Attachment } from '../events/attachment';
import type { Database } from './database';
import type { NewEvent } from './insert-events';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened));

const insert = (...events: NewEvent[]) => db.insertEvents(events, { cluster: 'main', workflowId: 'run' });

it('stores an event with its deliveries and attachments once, whoever comes second', async () => {
  const attachments = [{ position: 0, name: 'a.txt', content: Buffer.from([0, 255]) }];
  const first = { ...newEvent('once', [null, null]), attachments };
  expect(await insert(first)).toEqual([first.key]);
  expect(await insert({ ...newEvent('once', [null]), attachments })).toEqual([]);
  const [routed] = await db.readDeliveries([first.key, 'unknown']);
  expect(routed?.deliveries.map(({ id }) => id).sort()).toEqual(idsOf(first).sort());
  const { rows } = await pool.query(
    'select delivery_count, content from event join attachment on event_key = key where key = $1',
    [first.key],
  );
  expect(rows).toEqual([{ delivery_count: 2, content: Buffer.from([0, 255]) }]);
});

it('stores files of any size, and they are read as they were', async () => {
  const files = [2.5 * 1024 * 1024, 0, 1024 * 1024, 5].map((size, position) => {
    return { position, name: `${position}.bin`, content: randomBytes(size) };
  });
  const event = { ...newEvent('files'), attachments: files };
  const other = { ...newEvent('other-files'), attachments: files.slice(3) };
  await insert(event, other);
  const read = await db.readAttachments(event.key);
  const hash = ({ content }: Attachment) => createHash('sha256').update(content).digest('hex');
  expect(read.map(hash)).toEqual(files.map(hash));
  const { rows } = await pool.query('select sha256 from attachment where event_key = $1 order by position', [
    event.key,
  ]);
  expect(rows.map(({ sha256 }) => sha256)).toEqual(files.map(hash));
  expect(read.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  expect(await db.readAttachments(other.key)).toEqual([{ position: 3, name: '3.bin', content: files[3]?.content }]);
});

it('lets concurrent recorders of overlapping lists finish without deadlock', async () => {
  const events = Array.from({ length: 60 }, (_, i) => newEvent(`race-${i}`));
  const lists = Array.from({ length: 8 }, (_, i) => (i % 2 ? [...events].reverse() : events));
  const added = await Promise.all(lists.map((list) => insert(...list)));
  expect(added.flat().sort()).toEqual(events.map(({ key }) => key).sort());
});
