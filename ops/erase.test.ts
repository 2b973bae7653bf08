import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEntry } from '../client/journal/entry';
import { Journal } from '../client/journal/journal';
import { prepareEvent } from '../client/prepare-event';
import { openOpsCommand } from '../tests/ops-command';
import { createDatabase, type Database } from '../db/database';
import { saveEvents } from '../db/domain/save-events';
import { inTransaction } from '../db/tx';
import { exampleOf } from '../tests/domain-database';
import { HERE, newEvent } from '../tests/new-event';

const SITE = '10001';

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let db: Database;

beforeAll(async () => {
  // No cluster has to answer: the sweep deletes workflows.
  command = await openOpsCommand({ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_CLUSTER_NAME: 'main' });
  db = createDatabase(command.pool);
});

afterAll(async () => await command.close());

it('counts first what it would delete, and deletes so many rows', async () => {
  const chat = exampleOf('Chat.Ended');
  const event = { ...newEvent('e1'), ...chat, siteId: SITE, key: `Chat.Ended/${SITE}/e1`, ids: null };
  await db.insertEvents([event], HERE);
  await inTransaction(command.pool, (tx) => saveEvents(tx, [event]));
  const { rows: visitors } = await command.pool.query('select visitor_id as id from visitor');
  for (const args of [`erase --site ${SITE} --visitor ${visitors[0].id}`, `site remove ${SITE}`]) {
    const counted = await command.ops(`${args} --dry-run --json`);
    expect(counted).toMatchObject({ code: 0 });
    const { rows, events } = JSON.parse(counted.stdout);
    expect(events).toBe(1);
    expect(rows).toMatchObject({ event: 1, chat: 1, visitor: 1 });
    expect(await command.pool.query('select from erasure')).toMatchObject({ rowCount: 0 });
  }
  const { rows } = JSON.parse((await command.ops(`erase --site ${SITE} --event ${event.key} --dry-run --json`)).stdout);
  const erased = await command.ops(`erase --site ${SITE} --event ${event.key} --yes --no-wait --json`);
  const { receipt } = JSON.parse(erased.stdout);
  expect(receipt.rows).toEqual(rows);
  expect(receipt.copiesEnd).toEqual({ main: null }); // the cluster did not say how long it keeps closed workflows
});

it.each([
  'site remove 4242 --yes',
  'erase --site 4242 --visitor v --yes',
  'erase --site 4242 --visitor v --dry-run',
  'events find --site 4242',
  'events refused --site 4242',
  'deliveries list --site 4242',
  'deliveries redrive --site 4242',
  'deliveries resend --site 4242',
  'connections list --site 4242 --json',
  'account --from 1d --site 4242',
])('of a site that there is not, "%s" fails', async (args) => {
  const { code, stderr } = await command.ops(args);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^There is no site 4242/m) });
  expect((await command.pool.query("select from erasure where site_id = '4242'")).rowCount).toBe(0);
});

describe('with a journal', () => {
  let dir: string;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'journal-'));
    const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 24 });
    const data = { SiteId: 7, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9, Comment: 'planted' };
    const event = prepareEvent('Agent.Ban', data, { id: 'e1' });
    await journal.append(writeEntry({ publishedAt: 1, event }), event);
    await journal.close();
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  const bytes = (): string =>
    readdirSync(dir)
      .map((name) => readFileSync(join(dir, name), 'latin1'))
      .join();

  it('only counts in a dry run', async () => {
    await command.ops('erase --site 7 --event Agent.Ban/7/e1 --yes --no-wait');
    const before = bytes();
    const counted = await command.ops(`erase --journal ${dir} --dry-run`);
    expect(counted).toMatchObject({ code: 0, stdout: 'Journals: 1 entries of erased events would be written over.\n' });
    expect(bytes()).toBe(before);
    const done = await command.ops(`erase --journal ${dir}`);
    expect(done).toMatchObject({ code: 0, stdout: 'Journals: 1 entries are written over.\n' });
    expect(bytes()).not.toContain('planted');
  });

  it("refuses a journal of another user's publisher", async () => {
    const user = process.getuid?.() ?? 0;
    const asOther = jest.spyOn(process, 'getuid').mockReturnValue(user + 1);
    for (const args of [`erase --journal ${dir}`, `erase --site 7 --event Agent.Ban/7/e1 --yes --journal ${dir}`]) {
      const { code, stderr } = await command.ops(args);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`belongs to the user ${user}`) });
    }
    asOther.mockRestore();
    expect(bytes()).toContain('planted');
  });
});
