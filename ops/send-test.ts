import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { openAccount } from '../activities/connections/open-account';
import { catalogue, type ChatEvent, type EventType } from '../events/catalogue';
import { readEvent } from '../events/read-event';
import { within } from './check-connection';
import { findConnection, kindOf } from './find-connection';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, type JsonOption } from './output';
import { readEventTypeOption } from './read-input';

/** `ops connections send-test`: the message that a receiver gets for an event, without an event. */
export function addSendTestCommand(connections: Command, ops: Ops): void {
  connections
    .command('send-test')
    .description('send the example of an event to a webhook, signed as every event; it is no event of the site')
    .argument('<connection>', 'its id, or site/consumer/name')
    .option('--type <type>', 'the event', readEventTypeOption, 'Chat.Ended')
    .option('--json', 'as JSON')
    .action(async (place: string, { type, ...options }: JsonOption & { type: EventType }) => {
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const connection = await findConnection(db, place);
      const { sendTest } = await kindOf(ops, connection.consumer);
      if (sendTest === undefined)
        throw new CommandFailure(
          `${connection.consumer} sends no test; use "connections check", with --write where it has that.`,
        );
      const account = openAccount(connection.id, connection, box);
      const messageId = randomUUID();
      const event = exampleOf(type, connection.siteId);
      const says = await within((signal) => sendTest(account, { messageId, event }, signal));
      printDone(`${says}; webhook-id ${messageId}`, { id: connection.id, type, messageId, says }, options);
    });
}

/** The example of docs/events.md, as if the site had just published it. */
function exampleOf(type: EventType, siteId: string): ChatEvent {
  const { example } = catalogue[type];
  const receivedAt = new Date().toISOString();
  const read = readEvent({ type, data: ofSite(example, siteId) }, { id: `test-${randomUUID()}`, receivedAt });
  if (!read.ok) throw new Error(`The example of ${type} cannot be read: ${JSON.stringify(read.problems)}`);
  return read.event;
}

/** With the site's id in the place of the example's. */
const ofSite = (value: unknown, siteId: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => ofSite(one, siteId));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, /^siteid$/i.test(name) ? siteId : ofSite(one, siteId)]),
  );
};
