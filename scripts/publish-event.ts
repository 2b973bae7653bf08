import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createPublisher, InvalidEvent, type EventType, type PublisherOptions } from '../client';
import { catalogue } from '../events/catalogue';
import { readStack } from './stack/stack-file';

const USAGE = `npm run publish-event -- TYPE FILE [--id ID]     publishes one event, its data in FILE
npm run publish-event -- TYPE - [--id ID]        its data from standard input

--id ID says which event it is: published again with the same id, it is one event. Without it, a Chat.Ended is known by its
chat, and any other event is a new one each time.

FILE holds the event's data as JSON, as the chat server spells it. The receipt is printed as JSON.
Goes to TEMPORAL_ADDRESS, else to what npm start runs.
Exit code: 0 accepted, 2 wrong call, 3 invalid event, 1 anything else.

TYPE is one of:
${Object.keys(catalogue)
  .map((type) => `  ${type}`)
  .join('\n')}`;

/** Thrown when the call itself is wrong; the message says how to put it right. */
class UsageError extends Error {}

/** Publishes what the arguments name, prints the receipt. */
async function publishFile(args: readonly string[]): Promise<void> {
  const { positionals, values } = readArguments(args);
  if (values.help) return console.log(USAGE);
  const [type, file, ...more] = positionals;
  if (!isEventType(type)) throw new UsageError(type === undefined ? USAGE : `There is no event "${type}".\n\n${USAGE}`);
  if (file === undefined) throw new UsageError(`Say which file, or - for standard input.\n\n${USAGE}`);
  if (more.length > 0) throw new UsageError(`One file at a time: "${more.join(' ')}" is too much.\n\n${USAGE}`);
  const json = await readText(file);
  const publisher = createPublisher(await findOptions());
  try {
    console.log(JSON.stringify(await publisher.publish(type, json, { id: values.id }), undefined, 2));
  } finally {
    await publisher.close();
  }
}

function readArguments(args: readonly string[]) {
  const options = { id: { type: 'string' }, help: { type: 'boolean', default: false } } as const;
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

/** TEMPORAL_ADDRESS, with namespace, TLS and API key as @temporalio/envconfig reads them, else what npm start runs. */
async function findOptions(): Promise<PublisherOptions> {
  const name = process.env['TEMPORAL_CLUSTER_NAME'] || 'main';
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address) {
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const { tls, apiKey } = connectionOptions;
    const cluster = { name, address, ...(namespace && { namespace }), ...(tls && { tls }), ...(apiKey && { apiKey }) };
    const dir = process.env['LARGE_EVENTS_DIR'];
    return { clusters: [cluster], ...(dir && { largeEvents: { dir } }) };
  }
  const stack = await readStack();
  if (stack) {
    const cluster = { name, address: stack.temporalAddress, namespace: stack.namespace };
    return { clusters: [cluster], largeEvents: { dir: stack.largeEventsDir } };
  }
  throw new Error('Nothing runs here. Start it with "npm start", or set TEMPORAL_ADDRESS.');
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
