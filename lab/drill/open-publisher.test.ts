import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { catalogue } from '../../events/catalogue';
import { waitUntilEnded } from '../../tests/wait-until-ended';
import { freePort } from '../../stack/free-port';
import { openPublisher, type PublisherProcess } from './open-publisher';

const line = { type: 'Agent.Ban', id: 'one', data: JSON.stringify(catalogue['Agent.Ban'].example) };
/** A caller that never leaves one turn of the event loop would ask for ever. */
const ENOUGH = 100;

let folder: string;
const endings: string[] = [];
let publisher: PublisherProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-events-publisher-'));
  publisher = await openPublisher({
    options: {
      clusters: [{ name: 'main', address: `127.0.0.1:${await freePort()}` }],
      journal: { dir: join(folder, 'journal') },
    },
    logFile: join(folder, 'publisher.log'),
    clockShiftMs: 0,
    onUnaskedEnd: (how) => endings.push(how),
  });
});

afterAll(async () => {
  await publisher.kill();
  await rm(folder, { recursive: true });
});

beforeEach(() => void endings.splice(0));

/** Publishes as a chat server that goes on when its publisher is up again. @returns how often it had no answer */
async function publishUntilAnswered(): Promise<number> {
  for (let unanswered = 0; unanswered < ENOUGH; unanswered++) {
    await publisher.up();
    if ((await publisher.publish(line)) !== undefined) return unanswered;
  }
  return ENOUGH;
}

it('is not up between its end and the first answer of its successor, although no caller has been told of the end yet', async () => {
  const { pid } = publisher;
  process.kill(pid!, 'SIGKILL');
  waitUntilEnded(pid!);
  const unanswered = publishUntilAnswered();
  await nextTurn();
  await publisher.start();
  expect(await unanswered).toBe(1);
  expect(endings).toEqual(['signal SIGKILL']);
});

it('is not up from the moment that it is told to end', async () => {
  const { pid } = publisher;
  const killed = publisher.kill();
  waitUntilEnded(pid!);
  const unanswered = publishUntilAnswered();
  await killed;
  await publisher.start();
  expect(await unanswered).toBe(0);
  expect(endings).toEqual([]);
});

it('never comes up again when it has ended by itself and is not started', async () => {
  process.kill(publisher.pid!, 'SIGKILL');
  expect(await publisher.publish(line)).toBeUndefined();
  expect(await publisher.up()).toBe(false);
  expect(endings).toEqual(['signal SIGKILL']);
});
