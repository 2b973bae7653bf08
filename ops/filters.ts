import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { readRevealed } from '../db/show-event';
import { listSubscriptions, setSubscriptionFilter } from '../db/subscriptions';
import { catalogue, type EventType } from '../events/catalogue';
import { checkFilter } from '../events/filter/check-filter';
import { matches } from '../events/filter/matches';
import { readEvent } from '../events/read-event';
import { readEventKey } from '../events/read-identity';
import { readJson } from '../protocol/read-json';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, type JsonOption } from './output';
import { readSiteOrAll } from './read-input';
import { noSuchQueue } from './start-resuming';

/** `ops subscriptions filter` and `test`: which events a subscription takes. */
export function addFilterCommands(subscriptions: Command, ops: Ops): void {
  subscriptions
    .command('filter')
    .description('take only the events that a filter takes, of those that are recorded from now on')
    .argument('<data-queue>')
    .argument('<filter>', `JSON such as {"ratingGrade":{"$lte":2}}, a file of it, - for standard input, or "none"`)
    .option('--site <id>', 'only for this site', readSiteOrAll, '*')
    .option('--json', 'as JSON')
    .action(async (dataQueue: string, given: string, { site, ...options }: JsonOption & { site: string }) => {
      const db = await ops.database();
      const own = (await listSubscriptions(db, site === '*' ? undefined : site)).find(
        (one) => one.dataQueue === dataQueue,
      );
      if (own === undefined) throw noSuchQueue(dataQueue);
      const filter = given === 'none' ? null : await readFilter(given, own.eventType);
      if (!(await setSubscriptionFilter(db, dataQueue, site, filter))) throw noSuchQueue(dataQueue);
      const takes = filter === null ? 'takes every event' : 'takes the events that the filter takes';
      const text = `Stored. ${dataQueue} ${takes}, of those that are recorded from now on.`;
      printDone(text, { dataQueue, siteId: site, filter }, options);
    });

  subscriptions
    .command('test')
    .description('try a filter on an event; none of its data is shown')
    .argument('<filter>', 'JSON, a file of it, or - for standard input')
    .argument('<event>', 'the key of a recorded event, or a type: then its example in docs/events.md')
    .option('--json', 'as JSON')
    .action(async (given: string, event: string, options: JsonOption) => {
      const { type, data } = await findEvent(event, ops);
      const filter = await readFilter(given, type);
      const takes = matches(filter, data) === true;
      const conditions = Object.entries(filter).map(([name, condition]) => ({
        condition: name,
        holds: matches({ [name]: condition }, data) === true,
      }));
      const lines = conditions.map(({ condition, holds }) => `  ${condition}: ${holds ? 'holds' : 'does not hold'}`);
      const text = [`The filter ${takes ? 'takes' : 'does not take'} ${event}.`, ...lines].join('\n');
      printDone(text, { event, takes, conditions }, options);
    });
}

/** A filter of events of a type, as it is stored. @throws CommandFailure that names every mistake */
export async function readFilter(given: string, type: string): Promise<object> {
  if (!isEventType(type)) throw new CommandFailure(`There is no event ${type}; docs/events.md lists them.`);
  const { problems, filter } = checkFilter(catalogue[type], await readInput(given));
  if (problems.length === 0) return filter as object; // so it was checked
  const list = problems.map(({ path, problem }) => `${path}: ${problem}`).join('\n');
  throw new CommandFailure(`The filter cannot be used:\n${list}`);
}

async function readInput(given: string): Promise<unknown> {
  const isText = given.trimStart().startsWith('{');
  const json = isText
    ? given
    : given === '-'
      ? await readAll(process.stdin)
      : await readFile(given, 'utf8').catch(noFile);
  try {
    return readJson(json);
  } catch {
    throw new CommandFailure('The filter is no JSON.');
  }
}

function noFile({ message }: Error): never {
  throw new CommandFailure(`A filter is JSON that begins with {, a file of it, or - for standard input: ${message}`);
}

/** Its data in internal form. */
async function findEvent(event: string, ops: Ops): Promise<{ readonly type: string; readonly data: unknown }> {
  if (isEventType(event)) {
    const read = readEvent(
      { type: event, data: catalogue[event].example },
      { id: 'example', receivedAt: new Date().toISOString() },
    );
    if (read.ok) return { type: event, data: read.event.data };
  }
  const key = readEventKey(event) ?? event;
  const { data } = await readRevealed(await ops.database(), key);
  if (data === undefined)
    throw new CommandFailure(`There is neither an event type ${event} nor a recorded event of that key.`);
  return { type: key.split('/')[0] ?? '', data };
}

const isEventType = (type: string): type is EventType => Object.hasOwn(catalogue, type);
