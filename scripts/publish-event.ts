import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPublisher, InvalidEvent, type EventType, type Publisher, type PublisherOptions } from '../client';
import { catalogue } from '../events/catalogue';
import { findPayloadKey } from '../client/payload-keys';
import { readClustersAlone, toClusterOptions } from '../workers/clusters';
import { clusterVariables, readStack } from '../stack/stack-file';
import { publishLines, type LinesOutcome } from './publish-lines';

const USAGE = `npm run publish-event -- TYPE FILE [--id ID] [--journal DIR]        publishes one event, its data in FILE
npm run publish-event -- TYPE FILE --ndjson [--json] [...]          one event per line: its data
npm run publish-event -- FILE --ndjson [--json] [...]               one event per line: {"type", "data", "id"?, "siteId"?, "receivedAt"?}

FILE is a file of JSON, or - for standard input; data is as the chat server spells it. The receipt is printed as JSON.

--id ID says which event it is: published again with the same id, it is one event. Without it, a Chat.Ended is known by its
chat, and any other event is a new one each time.

--ndjson names each line that is refused, and goes on with the next; --json prints a line of JSON for each line, with its number.

--journal DIR accepts the event when it is in the journal in that folder, whether Temporal answers or not. Events that could not be
handed over before the command ends go on with the next one on the same folder.

Goes to TEMPORAL_ADDRESS, or while that is down to TEMPORAL_STANDBY_ADDRESS; where they are not set, to the clusters of npm start.
CHAT_EVENTS_INSTALLATION is the id of the installation that they have to belong to.
Exit code: 0 accepted, 2 wrong call, 3 invalid event, or at least one refused line, 1 anything else.

TYPE is one of:
${Object.keys(catalogue)
  .map((type) => `  ${type}`)
  .join('\n')}`;

const HAND_OVER_MS = 15_000;

/** Thrown when the command line is wrong; the message shows the right one. */
class UsageError extends Error {}

/** Where the command reads and writes. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly input: Readable;
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** A line for a person. */
  readonly say: (line: string) => void;
}

/** Publishes the event, or the lines, that the arguments name, prints receipts, and returns the exit code. */
export async function publishEvent(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await publish(args, terminal);
  } catch (error) {
    terminal.say(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : error instanceof InvalidEvent ? 3 : 1;
  }
}

async function publish(args: readonly string[], { env, input: stdin, print, say }: Terminal): Promise<number> {
  const { positionals, values } = readArguments(args);
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const [type, file, ...more] = values.ndjson && positionals.length === 1 ? [undefined, ...positionals] : positionals;
  if (type === undefined && file === undefined) throw new UsageError(USAGE);
  if (type !== undefined && !isEventType(type)) throw new UsageError(`There is no event "${type}".\n\n${USAGE}`);
  if (file === undefined) throw new UsageError(`Say which file, or - for standard input.\n\n${USAGE}`);
  if (more.length > 0) throw new UsageError(`One file at a time: "${more.join(' ')}" is too much.\n\n${USAGE}`);
  if (values.ndjson && values.id !== undefined) throw new UsageError(`--id names one event, not lines.\n\n${USAGE}`);
  const input = file === '-' ? stdin : (await open(file).catch(cannotRead)).createReadStream();
  // A file's data is read before the publisher opens its journal; lines are read one by one.
  const json = type === undefined || values.ndjson ? undefined : await text(input).catch(cannotRead);
  const publisher = createPublisher({
    ...(await findOptions(env)),
    ...(values.journal && { journal: { dir: values.journal } }),
  });
  let outcome: LinesOutcome = { published: 1, refused: 0, failure: undefined };
  try {
    if (type !== undefined && json !== undefined) {
      const receipt = await publisher.publish(type, json, { id: values.id });
      print(JSON.stringify(receipt, undefined, 2));
    } else {
      const onLine = (one: object): void => (values.json ? print(JSON.stringify(one)) : undefined);
      outcome = await publishLines(publisher, input, { type, onLine, say });
    }
    if (values.journal) await handOver(publisher, outcome.published, say);
  } finally {
    await publisher.close();
  }
  if (values.journal) tellIfWaiting(publisher, values.journal, say);
  return outcome.failure !== undefined ? 1 : outcome.refused > 0 ? 3 : 0;
}

function readArguments(args: readonly string[]) {
  const options = {
    id: { type: 'string' },
    journal: { type: 'string' },
    ndjson: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`); // parseArgs throws nothing else
  }
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(catalogue, type);
}

function cannotRead(error: Error): never {
  throw new UsageError(`The file cannot be read: ${error.message}`);
}

/** Clusters and folder of large events, from the environment or of the servers of npm start. */
async function findOptions(env: NodeJS.ProcessEnv): Promise<PublisherOptions> {
  const { TEMPORAL_ADDRESS: given, LARGE_EVENTS_DIR } = env;
  const stack = given ? undefined : await readStack();
  if (!given && !stack) throw new Error('Nothing runs here. Start it with "npm start", or set TEMPORAL_ADDRESS.');
  const clusters = readClustersAlone(stack ? clusterVariables(stack) : env).map(toClusterOptions);
  const dir = stack ? stack.largeEventsDir : LARGE_EVENTS_DIR;
  const installation = stack ? stack.installation : env['CHAT_EVENTS_INSTALLATION'] || undefined;
  return { clusters, installation, payloadKey: findPayloadKey(env), ...(dir && { largeEvents: { dir } }) };
}

/**
 * Waits until each of its events is handed over, as long as some are, and until no older event is in the journal: a publisher asks
 * first whether the database knows the entries that an earlier one has left.
 */
async function handOver(publisher: Publisher, published: number, say: Terminal['say']): Promise<void> {
  const older = (): number => (publisher.status().journal?.entries ?? 0) - published;
  let before = '';
  for (let end = performance.now() + HAND_OVER_MS; performance.now() < end; await pause(100)) {
    if (older() <= 0 && (published === 1 || unstartedOf(publisher) === 0)) return;
    const { clusters, journal } = publisher.status();
    const now = [journal?.entries, ...clusters.map(({ accepted }) => accepted)].join();
    if (now !== before) end = performance.now() + HAND_OVER_MS;
    before = now;
  }
  const left = older();
  if (left <= 0) return;
  const events = left === 1 ? 'An earlier event is' : `${left} earlier events are`;
  say(`${events} still in the journal: the next publisher on it goes on.`);
}

const unstartedOf = (publisher: Publisher): number => publisher.status().journal?.unstarted ?? 0;

function tellIfWaiting(publisher: Publisher, dir: string, say: Terminal['say']): void {
  const unstarted = unstartedOf(publisher);
  if (unstarted === 0) return;
  const { clusters } = publisher.status();
  const down = clusters.filter(({ reason }) => reason !== '').map(({ name, reason }) => `${name}: ${reason}`);
  const why = down.length === 0 ? '' : `: no cluster answers (${down.join('; ')})`;
  const events = unstarted === 1 ? 'One event is' : `${unstarted} events are`;
  say(`${events} not handed over yet${why}. The journal in ${dir} has them; the next publish-event on it goes on.`);
}

if (require.main === module) {
  const { env, stdin: input } = process;
  void publishEvent(process.argv.slice(2), { env, input, print: console.log, say: console.error }).then(
    (code) => (process.exitCode = code),
  );
}
