import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { compiled } from '../../tests/compiled';
import { JournalLocked, JournalUnavailable } from '../errors';
import { Journal } from './journal';
import { JournalReader } from './journal-reader';
import type { Place } from './segment';

let dir: string;
let ends: (() => Promise<unknown>)[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  ends = [];
  jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
});

afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

/** A publisher that publishes one event after the other to a cluster that is away, and tells of each what came of it. One that may have to wait for the other tries again. */
const SCRIPT = `
  process.on('warning', () => {});
  const { createPublisher } = require(${JSON.stringify(compiled('client/create-publisher'))});
  const { parentPort } = require('node:worker_threads');
  const tell = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message));
  const clusters = [{ name: 'main', address: '127.0.0.1:1' }];
  const publisher = createPublisher({ clusters, journal: { dir: process.env.DIR }, deadlineMs: 3_000 });
  let isOver = false;
  (parentPort ?? process).on('message', () => (isOver = true));
  const data = { SiteId: 1, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 };
  (async () => {
    tell({ created: true });
    while (!isOver) {
      await publisher.publish('Agent.Ban', data).then(
        ({ key }) => tell({ key }),
        ({ name, cause }) => {
          isOver ||= /taken over/.test(cause.message);
          tell({ error: name, cause: cause.name });
        },
      );
      await new Promise(setImmediate);
    }
    const { entries } = publisher.status().journal;
    await publisher.close();
    tell({ closed: true, entries });
  })();
`;

interface Message {
  readonly created?: true;
  readonly key?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly closed?: true;
  readonly entries?: number;
}

class Other {
  /** Of its receipts. */
  readonly keys: string[] = [];
  readonly told: Message[] = [];
  readonly #source: ChildProcess | Worker;

  constructor(source: ChildProcess | Worker) {
    this.#source = source;
    source.on('message', (message: Message) => {
      this.told.push(message);
      if (message.key !== undefined) this.keys.push(message.key);
    });
  }

  async until(isIt: (message: Message) => unknown): Promise<Message> {
    for (;;) {
      const found = this.told.find(isIt);
      if (found) return found;
      await once(this.#source, 'message');
    }
  }

  async close(): Promise<Message> {
    if ('postMessage' in this.#source) this.#source.postMessage('close');
    else this.#source.send('close');
    return await this.until(({ closed }) => closed);
  }
}

function inThread(): Other {
  const worker = new Worker(SCRIPT, { eval: true, env: { ...process.env, DIR: dir } });
  ends.push(() => worker.terminate());
  return new Other(worker);
}

const CONTAINER = ['--pid', '--fork', '--kill-child'];
const canUnshare = spawnSync('unshare', [...CONTAINER, 'true']).status === 0;
const ofContainers = canUnshare
  ? 'a publisher in a container'
  : 'two containers (skipped: this user cannot make a pid namespace)';

function inContainer(): { other: Other; signal: (name: NodeJS.Signals) => void } {
  const args = [...CONTAINER, process.execPath, '-e', SCRIPT];
  const env = { ...process.env, DIR: dir };
  const child = spawn('unshare', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env, detached: true });
  const signal = (name: NodeJS.Signals): void => void process.kill(-(child.pid ?? 0), name);
  ends.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    signal('SIGKILL');
    await ended;
  });
  return { other: new Other(child), signal };
}

/** What is on the disk and needed; what is only kept is not read by the next publisher. */
async function keysOnDisk(): Promise<string[]> {
  const reader = await JournalReader.open(dir);
  const needed = reader.files.filter(({ name }) => name.endsWith('.journal'));
  const events = await Promise.all(needed.map((file) => reader.eventsOf(file)));
  await reader.close();
  return events.flat().map(({ key }) => key);
}

test('a publisher in another thread accepts nothing until the first has closed, and then has all of its events', async () => {
  const first = inThread();
  await first.until(({ key }) => key);
  const second = inThread();
  await second.until(({ created }) => created);
  const seen = first.keys.length;
  await first.until(() => first.keys.length > seen + 20);
  expect(second.keys).toEqual([]);
  await first.close();
  await second.until(({ key }) => key);
  const { entries } = await second.close();
  // More, where the disk took an event after its deadline.
  expect(entries).toBeGreaterThanOrEqual(first.keys.length + second.keys.length);
  expect(await keysOnDisk()).toEqual(expect.arrayContaining([...first.keys, ...second.keys]));
});

(canUnshare ? describe : describe.skip)(ofContainers, () => {
  it('that was stopped, and whose journal the other one took over, gives no receipt any more', async () => {
    const { other: first, signal } = inContainer();
    await first.until(() => first.keys.length > 20);
    const { other: second } = inContainer();
    await second.until(({ created }) => created);
    signal('SIGSTOP');
    await second.until(({ key }) => key);
    signal('SIGCONT');
    const refused = await first.until(({ cause }) => cause === 'JournalLocked');
    expect(refused).toMatchObject({ error: 'JournalUnavailable' });
    await first.until(({ closed }) => closed);
    const { entries } = await second.close();
    expect(await keysOnDisk()).toEqual(expect.arrayContaining([...first.keys, ...second.keys]));
    expect(entries).toBeGreaterThanOrEqual(first.keys.length + second.keys.length);
  });
});

test('one that has lost its folder confirms nothing there: no file that the other may need gets another name', async () => {
  const open = (): Journal => new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 24 });
  const ids = { type: 'Agent.Ban', id: 'a', key: 'k' };
  const first = open();
  const places = [];
  for (const text of ['a', 'b', 'c']) places.push(await first.append(Buffer.from(text), ids));
  rmSync(join(dir, 'lock'));
  const second = open();
  const found: [string, Place][] = [];
  await second.recover((text, place) => found.push([text.toString(), place]) > 0);
  expect(found.map(([text]) => text)).toEqual(['a', 'b', 'c']);
  const late = await first.append(Buffer.from('late'), ids).catch((error: unknown) => error);
  expect(late).toMatchObject({
    constructor: JournalUnavailable,
    cause: expect.any(JournalLocked),
    mayBeAccepted: true,
  });
  for (const place of places) first.release(place);
  await first.close();
  expect(readdirSync(dir).filter((name) => name.endsWith('.released'))).toEqual([]);
  expect((await second.read(found.map(([, place]) => place))).map(String)).toEqual(['a', 'b', 'c']);
  for (const [, place] of found) second.release(place);
  await second.close();
  expect(readdirSync(dir)).toContain('0000000001.released');
});
