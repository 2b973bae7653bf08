import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PublisherClosed, type Publisher, type Receipt } from '../client';
import { catalogue } from '../events/catalogue';
import { compiled } from '../tests/compiled';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { runWorker } from '../tests/running-worker';
import { publishEvent } from './publish-event';
import { publishLines } from './publish-lines';

const MAIN = { TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] };
const NOBODY = '127.0.0.1:1';

const chat = JSON.stringify(catalogue['Chat.Ended'].example);
const ban = JSON.stringify({ SiteId: 1, BanType: 0, IpFromOrVisitorId: 7 });
let temporal: FreshNamespace;
let folder: string;

beforeAll(async () => {
  temporal = await freshNamespace();
  folder = await mkdtemp(join(tmpdir(), 'publish-event-'));
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command in this process. */
async function publishHere(args: string[], input = '', clusters: NodeJS.ProcessEnv = MAIN) {
  const env = { ...process.env, TEMPORAL_NAMESPACE: temporal.namespace, ...clusters };
  const [lines, errors]: [string[], string[]] = [[], []];
  const code = await publishEvent(args, {
    env,
    input: Readable.from([input]),
    print: (line) => lines.push(line),
    say: (line) => errors.push(line),
  });
  return { output: lines.join('\n'), errors: errors.join('\n'), code };
}

/** Runs the command as a process, in an empty folder. */
async function publishThere(args: string[], input = '', clusters: NodeJS.ProcessEnv = MAIN) {
  const env = { ...process.env, TEMPORAL_NAMESPACE: temporal.namespace, ...clusters };
  const child = spawn(process.execPath, [compiled('scripts/publish-event'), ...args], { cwd: folder, env });
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { output, errors, code: Number(code) };
}

test('prints the receipt of an event from a file, with the byte order mark that .NET writes', async () => {
  await writeFile(join(folder, 'chat.json'), `\uFEFF${chat}`);
  const { output, code } = await publishThere(['Chat.Ended', 'chat.json']);
  expect(code).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ key: expect.stringMatching(/^Chat\.Ended\//), duplicate: false });
  const again = await publishHere(['Chat.Ended', '-'], chat);
  expect(JSON.parse(again.output)).toEqual({ ...JSON.parse(output), duplicate: true });
});

test.each([
  ['no arguments', []],
  ['an unknown type', ['Chat.Started', '-']],
  ['no file', ['Chat.Ended']],
  ['a file that is not there', ['Chat.Ended', 'none.json']],
  ['an id for lines', ['Agent.Ban', '-', '--ndjson', '--id', 'a']],
])('a wrong call is exit code 2: %s', async (_name, args) => {
  const { errors, code } = await publishHere(args);
  expect(code).toBe(2);
  expect(errors).toMatch(/npm run publish-event -- TYPE|cannot be read/);
});

test('an invalid event is exit code 3, and every problem is listed', async () => {
  const { errors, code } = await publishHere(['Agent.Ban', '-'], '{"AgentId": {}, "Comment": {}}');
  expect(code).toBe(3);
  for (const path of ['AgentId', 'Comment', 'SiteId']) expect(errors).toContain(`data.${path}: `);
});

describe('NDJSON', () => {
  const receipt: Receipt = {
    id: 'a',
    key: 'k',
    workflowId: 'w',
    acceptedBy: 'main',
    duplicate: false,
    unknownFields: [],
  };
  const line = (id: string, data: object = { SiteId: 1, BanType: 0, IpFromOrVisitorId: 7 }) =>
    JSON.stringify({ type: 'Agent.Ban', id, data });

  test('each line is an event; one that is refused is named, and the others are published', async () => {
    const input = [
      `\uFEFF${line('a')}`,
      '',
      '{"type":"Agent.Ban","data":{"SiteId":1,"BanType":1e400}}',
      'secret',
      line('b', {}),
      '{"type":"Agent.Bann","data":{}}',
      '[]',
      '{"type":"Agent.Ban","id":636512345678901234,"siteId":1,"data":{"BanType":0,"IpFromOrVisitorId":7}}\r',
      line('a'),
      '{"type":"Agent.Ban","ID":"c","recievedAt":"2026-01-01","data":{"SiteId":1,"BanType":0,"IpFromOrVisitorId":7}}',
    ].join('\n');
    const { output, errors, code } = await publishHere(['-', '--ndjson', '--json'], input);
    expect(code).toBe(3);
    const outcomes = output.split('\n').map((one) => JSON.parse(one));
    const keys = outcomes.filter(({ key }) => key).map(({ line: number, key }) => `${number} ${key}`);
    expect(keys.sort()).toEqual(['1 Agent.Ban/1/a', '8 Agent.Ban/1/636512345678901234', '9 Agent.Ban/1/a']);
    const refused = outcomes.filter(({ error }) => error === 'InvalidEvent').map(({ line: number }) => number);
    expect(refused.sort()).toEqual([10, 3, 4, 5, 6, 7]);
    expect(errors).toMatch(/^Line 3: Agent\.Ban was not published.*: data\.BanType: expected /m);
    expect(errors).toMatch(
      /^Line 4: The event was not published.*: event: is not valid JSON: mistake at position \d+$/m,
    );
    expect(errors).toMatch(/^Line 5: .*: data\.SiteId: /m);
    expect(errors).toMatch(/^Line 6: .*: type: expected one of /m);
    expect(errors).toMatch(/^Line 7: .*: event: expected an object with type and data$/m);
    expect(errors).toMatch(/^Line 10: .*: ID: no event has this key.*; recievedAt: no event has this key/m);
    expect(errors).toMatch(/3 published.*, 6 refused\.$/);
    expect(errors).not.toContain('secret');
  });

  test('each line is the data of an event of the type that is named', async () => {
    await writeFile(join(folder, 'bans.ndjson'), Array(2_500).fill(ban).join('\n'));
    const { output, errors, code } = await publishHere(['Agent.Ban', join(folder, 'bans.ndjson'), '--ndjson']);
    expect({ output, code }).toEqual({ output: '', code: 0 });
    expect(errors).toMatch(/2500 published, 0 refused\.$/);
  });

  /** All that lines need. */
  const publisherOf = (publish: Publisher['publish']) => ({ publish }) as Publisher;

  /** 3,000 lines, taken by a publisher that does as it is told. */
  async function publishMany(publish: Publisher['publish']) {
    const said: string[] = [];
    const onEachLine = jest.fn();
    const input = Readable.from([Array(3_000).fill(ban).join('\n')]);
    const say = (text: string) => void said.push(text);
    return {
      ...(await publishLines(publisherOf(publish), input, { type: 'Agent.Ban', onLine: onEachLine, say })),
      said,
    };
  }

  test('a thousand are in flight at most', async () => {
    let [now, most] = [0, 0];
    const { published } = await publishMany(async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return receipt;
    });
    expect({ published, most }).toEqual({ published: 3_000, most: 1_000 });
  });

  test('when no event can be published it stops, and says which lines were not taken', async () => {
    let calls = 0;
    const { failure, published, said } = await publishMany(async () => {
      if (++calls === 3) throw new PublisherClosed({ type: 'Agent.Ban' });
      await new Promise(setImmediate);
      return receipt;
    });
    expect(failure).toBeInstanceOf(PublisherClosed);
    expect(said[0]).toMatch(/^Line 3: Agent.Ban was not published: /);
    expect(said[1]).toBe(`Line ${calls + 1} and those after it were not taken.`);
    expect(said[2]).toBe(`${published} published, 0 refused.`);
    expect(published).toBe(calls - 1);
    expect(calls).toBeLessThanOrEqual(1_000);
  });

  test('when no event can be published it ends, though the input does not', async () => {
    const input = new PassThrough();
    input.write(`${ban}\n${ban}\n`);
    const publish = () => Promise.reject(new PublisherClosed({ type: 'Agent.Ban' }));
    const publishing = publishLines(publisherOf(publish), input, {
      type: 'Agent.Ban',
      onLine: () => {},
      say: () => input.write(`${ban}\n`),
    });
    await expect(publishing).resolves.toMatchObject({ published: 0, failure: expect.any(PublisherClosed) });
    expect(input.destroyed).toBe(true);
  });

  test('a line ends with a line feed, not inside a text, wherever the input is cut', async () => {
    const text = 'ä\u2028b\u2029c';
    const bytes = Buffer.from([1, 2].map((id) => `${JSON.stringify({ id, text })}\r\n`).join(''));
    const publish = jest.fn(async () => receipt);
    const input = Readable.from(
      [...bytes].map((byte) => Buffer.from([byte])),
      { objectMode: false },
    );
    await publishLines(publisherOf(publish), input, { type: 'Agent.Ban', onLine: () => {}, say: () => {} });
    const lines = publish.mock.calls.map(([, line]: unknown[]) => JSON.parse(String(line)));
    expect(lines).toEqual([1, 2].map((id) => ({ id, text })));
  });

  test('events in flight are bounded in bytes, not in characters', async () => {
    let [now, most] = [0, 0];
    const publish = async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return receipt;
    };
    const input = Readable.from(Array(6).fill(`${'я'.repeat(8 * 1024 * 1024)}\n`)); // 16 MiB each
    await publishLines(publisherOf(publish), input, { type: 'Agent.Ban', onLine: () => {}, say: () => {} });
    expect(most).toBe(2);
  });
});

test('with nothing running it says how to start, exit code 1', async () => {
  const { errors, code } = await publishThere(['Chat.Ended', '-'], chat, { TEMPORAL_ADDRESS: '' });
  expect(code).toBe(1);
  expect(errors).toContain('Start it with "npm start", or set TEMPORAL_ADDRESS.');
});

test('while main is down, standby gets the event', async () => {
  const clusters = { TEMPORAL_ADDRESS: NOBODY, TEMPORAL_STANDBY_ADDRESS: MAIN.TEMPORAL_ADDRESS };
  const { output } = await publishHere(['Agent.Ban', '-', '--id', 'one'], ban, clusters);
  expect(JSON.parse(output)).toMatchObject({ key: 'Agent.Ban/1/one', acceptedBy: 'standby' });
});

test('with a journal it needs no cluster, and the next one on the folder hands the event over', async () => {
  const journal = ['--journal', join(folder, 'journal')];
  const first = await publishHere(['Agent.Ban', '-', '--id', 'two', ...journal], ban, { TEMPORAL_ADDRESS: NOBODY });
  expect(JSON.parse(first.output)).toMatchObject({ key: 'Agent.Ban/1/two', acceptedBy: 'journal' });
  const where = join(folder, 'journal');
  expect(first.errors).toMatch(/^One event is not handed over yet: no cluster answers \(main: .+\)\. /);
  expect(first.errors).toContain(`The journal in ${where} has them; the next publish-event on it goes on.`);
  expect(first.errors).not.toContain('earlier event');
  const running = await runWorker();
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  const there = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE };
  const second = await publishHere(['Agent.Ban', '-', '--id', 'three', ...journal], ban, there);
  expect(second.errors).toBe('');
  const { rows } = await running.pool.query('select id from event order by id');
  await running.stop();
  expect(rows).toEqual([{ id: 'three' }, { id: 'two' }]);
}, 60_000);
