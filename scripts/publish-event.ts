import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPublisher, InvalidEvent, type EventType, type Publisher, type PublisherOptions } from '../client';
import { catalogue } from '../events/catalogue';
import { readClustersAlone, toClusterOptions } from '../workers/clusters';
import { clusterVariables, readStack } from '../stack/stack-file';

const USAGE = `npm run publish-event -- TYPE FILE [--id ID] [--journal DIR]     publishes one event, its data in FILE
npm run publish-event -- TYPE - [--id ID] [--journal DIR]        its data from standard input

--id ID says which event it is: published again with the same id, it is one event. Without it, a Chat.Ended is known by its
chat, and any other event is a new one each time.

--journal DIR accepts the event when it is in the journal in that folder, whether Temporal answers or not. What could not be
handed over before the command ends goes on with the next one on the same folder.

FILE holds the event's data as JSON, as the chat server spells it. The receipt is printed as JSON.
Goes to TEMPORAL_ADDRESS, or while that is down to TEMPORAL_STANDBY_ADDRESS; where they are not set, to what npm start runs.
Exit code: 0 accepted, 2 wrong call, 3 invalid event, 1 anything else.

TYPE is one of:
${Object.keys(catalogue)
  .map((type) => `  ${type}`)
  .join('\n')}`;

const HAND_OVER_MS = 15_000;

/** Thrown when the command line is wrong; the message shows the right one. */
class UsageError extends Error {}

/** Publishes the event of the arguments and prints the receipt. */
async function publishFile(args: readonly string[]): Promise<void> {
  const { positionals, values } = readArguments(args);
  if (values.help) return console.log(USAGE);
  const [type, file, ...more] = positionals;
  if (!isEventType(type)) throw new UsageError(type === undefined ? USAGE : `There is no event "${type}".\n\n${USAGE}`);
  if (file === undefined) throw new UsageError(`Say which file, or - for standard input.\n\n${USAGE}`);
  if (more.length > 0) throw new UsageError(`One file at a time: "${more.join(' ')}" is too much.\n\n${USAGE}`);
  const json = await readText(file);
  const publisher = createPublisher({
    ...(await findOptions()),
    ...(values.journal && { journal: { dir: values.journal } }),
  });
  try {
    console.log(JSON.stringify(await publisher.publish(type, json, { id: values.id }), undefined, 2));
    await handOverOlder(publisher);
  } finally {
    await publisher.close();
  }
  if (values.journal) tellIfWaiting(publisher, values.journal);
}

function readArguments(args: readonly string[]) {
  const options = {
    id: { type: 'string' },
    journal: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`); // parseArgs throws nothing else
  }
}

function isEventType(type: string | undefined): type is EventType {
  return type !== undefined && Object.hasOwn(catalogue, type);
}

async function readText(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(cannotRead);
  return content.replace(/^\uFEFF/, ''); // .NET writes a byte order mark
}

function cannotRead(error: Error): never {
  throw new UsageError(`The file cannot be read: ${error.message}`);
}

/** Clusters and folder of large events, from the environment or from what npm start runs. */
async function findOptions(): Promise<PublisherOptions> {
  const { TEMPORAL_ADDRESS: given, LARGE_EVENTS_DIR } = process.env;
  const stack = given ? undefined : await readStack();
  if (!given && !stack) throw new Error('Nothing runs here. Start it with "npm start", or set TEMPORAL_ADDRESS.');
  const clusters = readClustersAlone(stack ? clusterVariables(stack) : process.env).map(toClusterOptions);
  const dir = stack ? stack.largeEventsDir : LARGE_EVENTS_DIR;
  return { clusters, ...(dir && { largeEvents: { dir } }) };
}

/** A publisher asks first whether what an earlier one has left is recorded, and hands over the rest: this takes a little. */
async function handOverOlder(publisher: Publisher): Promise<void> {
  const older = (): number => (publisher.status().journal?.entries ?? 0) - 1;
  for (const end = performance.now() + HAND_OVER_MS; older() > 0 && performance.now() < end;) await pause(100);
  if (older() === 1) console.error('An earlier event is still in the journal: the next publisher on it goes on.');
  if (older() > 1)
    console.error(`${older()} earlier events are still in the journal: the next publisher on it goes on.`);
}

/** Its own event goes first: what no cluster has taken in this time it has not either. */
function tellIfWaiting(publisher: Publisher, dir: string): void {
  const { clusters } = publisher.status();
  if (clusters.some(({ accepted }) => accepted > 0)) return;
  const down = clusters.filter(({ reason }) => reason !== '').map(({ name, reason }) => `${name}: ${reason}`);
  const why = down.length === 0 ? '' : `: no cluster answers (${down.join('; ')})`;
  console.error(`Not handed over yet${why}. It is in ${dir}; the next publish-event on it goes on.`);
}

function explain(error: unknown): string {
  if (error instanceof InvalidEvent) {
    const problems = error.problems.map(({ path, problem }) => `  ${path}: ${problem}`);
    return [`${error.type} was not published. Correct this:`, ...problems].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

publishFile(process.argv.slice(2)).catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : error instanceof InvalidEvent ? 3 : 1;
});
