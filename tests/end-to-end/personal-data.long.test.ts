import { Writable } from 'node:stream';
import { pino } from 'pino';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { startFakeServer } from '../../activities/http/fake';
import { createPublisher, type Publisher } from '../../client';
import { catalogue, type EventType } from '../../events/catalogue';
import type { EventDefinition } from '../../events/define-event';
import { isNamed } from '../../events/kinds/field';
import type { Fields, Kind } from '../../events/kinds/kind';
import { relations } from '../../activities/consumers/relations';
import { openOpsCommand } from '../ops-command';
import { runWorker, type Running } from '../running-worker';

/** In every personal field of an event: a text that stands nowhere else. */
const MARKER = 'planted';
const ADDRESS = `${MARKER}@person.example`;
const BANNED = '203.0.113.77';
const MARKED = /planted|203\.0\.113\.77|cGxhbnRlZ/i; // also in base64
const SITE = '10001';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const key = newSecretsKey();
const logged: string[] = [];
let running: Running;
let publisher: Publisher;
let receiver: Awaited<ReturnType<typeof startFakeServer>>;
let command: Awaited<ReturnType<typeof openOpsCommand>>;
let planted = 0;

beforeAll(async () => {
  const stream = new Writable({ write: (chunk, _encoding, done) => (logged.push(String(chunk)), done()) });
  running = await runWorker({
    environment: { SECRETS_KEY: key, ALLOWED_ADDRESSES: '127.0.0.1', WEBHOOK_RETRY_SECONDS: '1' },
    log: pino({ level: 'trace' }, stream),
  });
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, DATABASE_URL } = running.config;
  // It refuses each message, which parks it after the second try, and says what was in it.
  receiver = await startFakeServer({ handle: ({ body }) => ({ status: 400, body }) });
  command = await openOpsCommand({
    DATABASE_URL,
    SECRETS_KEY: key,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  });
  publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], maxBatch: 1 });
  const rows = relations.filter(({ consumer }) => ['persistence', 'ticket', 'webhook'].includes(consumer));
  await running.pool.query(
    'insert into subscription (data_queue, event_type, consumer) select * from unnest($1::text[], $2::text[], $3::text[])',
    [rows.map(({ dataQueue }) => dataQueue), rows.map(({ type }) => type), rows.map(({ consumer }) => consumer)],
  );
  const added = await command.ops(
    `connections add webhook --site ${SITE} --name hook --set url=${receiver.origin}/ --secrets -`,
    { input: JSON.stringify({ secret: SECRET }) },
  );
  if (added.code !== 0) throw new Error(added.stderr);
}, 60_000);

afterAll(async () => {
  await publisher.close();
  await command.close();
  await running.stop();
  await receiver.close();
});

/** The catalogue's example with the marker in every field that is tagged as personal. */
function marked(type: EventType): Record<string, unknown> {
  const { fields, example }: EventDefinition = catalogue[type];
  return plant(fields, structuredClone(example));
}

function plant(fields: Fields, data: Record<string, unknown>): Record<string, unknown> {
  for (const field of Object.values(fields)) {
    if (!isNamed(field)) plant(field.kind.fields, data);
    else {
      const name = field.names.find((one) => one in data) ?? field.names[0];
      if (field.tags.personal) data[name] = valueOf(field.kind, field.tags.id);
      else if (name in data) plantIn(field.kind, data[name]);
    }
  }
  return data;
}

function plantIn({ element, fields }: Kind, value: unknown): void {
  if (element !== undefined && Array.isArray(value)) for (const one of value) plantIn(element, one);
  else if (fields !== undefined && value !== null) plant(fields, value as Record<string, unknown>); // an object
}

function valueOf(kind: Kind, id: string | undefined): string {
  planted += 1;
  if (id === 'email') return ADDRESS;
  if (kind.wire === 'Bytes') return Buffer.from(MARKER).toString('base64');
  return kind.isId ? BANNED : `${MARKER} ${planted}`;
}

const types = Object.keys(catalogue) as EventType[];

it('personal data are in no log, failure, detail, search attribute, memo, metric or payload but the start of a workflow', async () => {
  for (const type of types) await publisher.publish(type, marked(type), { id: 'marked', siteId: SITE });
  await running.start(
    { type: 'Agent.Ban', id: 'refused', data: { ...marked('Agent.Ban'), BanType: { [MARKER]: MARKER } } },
    'refused',
  );
  expect(planted).toBeGreaterThan(50);
  await running.until(async () => {
    const { rows } = await running.pool.query<{ state: string }>('select state from delivery');
    const { rowCount: refused } = await running.pool.query('select from refused_event');
    return refused === 1 && rows.length >= types.length && rows.every(({ state }) => state !== 'pending');
  });
  const { rows } = await running.pool.query(
    "select failure_type, failure_message, failure_details from delivery where state = 'parked'",
  );
  expect(rows.map((row) => row.failure_type)).toEqual(['Unavailable', 'Unavailable']);
  expect(JSON.stringify(rows)).not.toMatch(MARKED);
  const told: string[] = [];
  let starts = '';
  for await (const { workflowId, runId, status } of running.client.workflow.list()) {
    const handle = running.client.workflow.getHandle(workflowId, runId);
    const { events = [] } = await handle.fetchHistory();
    for (const event of events ?? []) {
      const started = event.workflowExecutionStartedEventAttributes;
      if (started?.input) {
        starts += textOf(started.input);
        started.input = null;
      }
    }
    told.push(textOf(events));
    if (status.name === 'RUNNING') told.push(textOf(await handle.query('__temporal_workflow_metadata')));
  }
  expect(starts).toMatch(MARKED); // so it would be found elsewhere
  expect(told.length).toBeGreaterThan(types.length);
  for (const text of told) expect(text).not.toMatch(MARKED);
  expect(logged.length).toBeGreaterThan(types.length);
  for (const line of logged) expect(line).not.toMatch(MARKED);
  const metrics = await (await fetch(`http://127.0.0.1:${running.worker.port}/metrics`)).text();
  expect(metrics).toContain('chat_events_');
  expect(metrics).not.toMatch(MARKED);
});

/** With the bytes of payloads as text. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) => {
    if (one instanceof Uint8Array) return Buffer.from(one).toString();
    const { type, data } = (one ?? {}) as { type?: unknown; data?: unknown };
    if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data as number[]).toString();
    return typeof one === 'bigint' ? String(one) : one;
  });

/** Of each table, the rows that have it, as text. */
async function rowsWith(text: RegExp): Promise<string[]> {
  const { rows: tables } = await running.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations'",
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await running.pool.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    found.push(...rows.flatMap(({ row }) => (text.test(decoded(row)) ? [`${name} ${row}`] : [])));
  }
  return found;
}

/** Bytes are written as hexadecimal. */
const decoded = (row: string): string =>
  row.replace(/"\\\\x([0-9a-f]+)"/g, (_all, hex: string) => Buffer.from(hex, 'hex').toString());

async function workflowsOf(site: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId } of running.client.workflow.list())
    if (workflowId.includes(`/${site}/`)) found.push(workflowId);
  return found;
}

it('the ids of an event are recorded with it', async () => {
  const { stdout } = await command.ops('events find - --json', { input: `${ADDRESS}\n` });
  const found = JSON.parse(stdout) as { key: string; by: string }[];
  expect(found.map((one) => one.key).sort()).toEqual(['Chat.Ended/10001/marked', 'OfflineMessage.Submit/10001/marked']);
});

it('erases all of an address at a site, the ratings of its chats and a parked workflow included, and nothing else', async () => {
  await publisher.publish(
    'OfflineMessage.Submit',
    { ...marked('OfflineMessage.Submit'), SiteId: 20_002 },
    { id: 'other', siteId: '20002' },
  );
  await running.until(
    async () => (await running.pool.query("select from event where site_id = '20002'")).rowCount === 1,
  );
  const args = `erase --site ${SITE} --email - --json`;
  expect(await command.ops(args, { input: ADDRESS })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--yes'),
  });
  const { code, stdout, stderr } = await command.ops(`${args} --yes`, { input: ADDRESS });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const receipt = JSON.parse(stdout);
  expect(receipt).toMatchObject({
    by: 'email',
    siteId: SITE,
    waiting: {},
    receipt: { rows: { event: expect.any(Number) } },
  });
  expect(stdout + stderr).not.toMatch(MARKED);
  const left = await rowsWith(/@person\.example/);
  expect(left.filter((row) => !row.includes('20002'))).toEqual([]);
  expect(left).not.toEqual([]);
  const { rows } = await running.pool.query('select key from event order by 1');
  const keys = rows.map((row) => row.key);
  expect(keys).toEqual(expect.arrayContaining(['Agent.Ban/10001/marked', 'OfflineMessage.Submit/20002/other']));
  expect(keys).not.toContain('Chat.Ended/10001/marked');
  expect(keys).not.toContain('Visitor.Rating/10001/marked');
  expect(keys).not.toContain('Agent.Wrapup/10001/marked'); // of the chat's number, which the rating has
  expect(keys).not.toContain('Conversion.Log/10001/marked'); // one of its conversions came of that chat
  expect(await workflowsOf(SITE)).not.toContain('Chat.Ended/10001/marked');
  const show = await command.ops(`erase receipts ${receipt.id}`);
  expect(show.stdout).toMatch(/Temporal: their workflows are deleted on all clusters/);
  const list = await command.ops('erase receipts --json');
  expect(JSON.parse(list.stdout)).toMatchObject([{ id: receipt.id, by: 'email' }]);
});

it('does not record an erased event again', async () => {
  const { workflowId } = await publisher.publish('OfflineMessage.Submit', marked('OfflineMessage.Submit'), {
    id: 'marked',
    siteId: SITE,
  });
  await running.client.workflow.getHandle(workflowId).result();
  expect(
    (await running.pool.query("select from event where key = 'OfflineMessage.Submit/10001/marked'")).rowCount,
  ).toBe(0);
});

it('erases one event that was refused, and removes all of a site', async () => {
  const refused = await command.ops(`erase --site ${SITE} --event Agent.Ban/10001/refused --yes --json`);
  expect(refused).toMatchObject({ code: 0 });
  expect(JSON.parse(refused.stdout)).toMatchObject({ receipt: { refused: 1 } });
  const { code, stderr } = await command.ops(`site remove ${SITE} --yes --json`);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect((await rowsWith(MARKED)).filter((row) => !row.includes('20002'))).toEqual([]);
  const { rows } = await running.pool.query(`select key from event where site_id = '${SITE}'`);
  expect(rows).toEqual([]);
  // That of the event which was published again after its erasure, too.
  await running.until(async () => (await workflowsOf(SITE)).length === 0);
});
