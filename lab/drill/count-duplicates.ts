import { catalogue } from '../../events/catalogue';
import { countVisits } from '../queries/counts';
import { findEffects } from '../queries/effects';
import { listConnections } from '../queries/list-connections';
import type { Tx } from '../../db/tx';
import { acceptedEvents, impliedDeliveries, type Publication } from '../account';
import type { Destinations } from '../destinations';
import { entriesOf } from '../find-effects';

/**
 * Effects that are there more often than once, counted where they are and not deduplicated before: rows of our tables, sums,
 * records of Salesforce and Zendesk, and different messages (`webhook-id`, Message-ID) beyond those that the events ask for.
 *
 * @returns each kind of which there are some, in words
 */
export async function countDuplicates(
  db: Tx,
  publications: readonly Publication[],
  destinations: Destinations,
): Promise<{ readonly count: number; readonly problems: readonly string[] }> {
  const events = acceptedEvents(publications);
  const implied = impliedDeliveries(events, await listConnections(db));
  const askNothing = destinations.askingNothing(implied);
  const { perEvent, latest } = await findEffects(db);
  const distinct = destinations.distinct();
  const entries = (key: string): number => {
    const event = events.get(key);
    return event === undefined ? 0 : entriesOf(event);
  };
  const ofConsumer = (name: string): number =>
    implied.filter(({ id, dataQueue }) => dataQueue.endsWith(`.${name}`) && !askNothing.has(id)).length;
  const mails = implied.filter(({ dataQueue }) => dataQueue.endsWith('.Email'));
  const visits = [...events.values()].filter(({ type }) => type === 'Visit.Log').length;
  const chats = new Set(latest.filter((row) => row.dataQueue === 'Chat.Ended.Persistence').map((row) => row.subject));
  const beyond = {
    'rows of events': perEvent.reduce((sum, { eventKey, rows }) => sum + Math.max(0, rows - entries(eventKey)), 0),
    'rows of chats': latest.filter((row) => row.dataQueue === 'Chat.Ended.Persistence').length - chats.size,
    'visits in sums': (await countVisits(db)) - visits * Number(catalogue['Visit.Log'].example['VisitCount']),
    'different webhooks': (distinct['webhook'] ?? 0) - ofConsumer('Webhook'),
    'different mails':
      (distinct['email'] ?? 0) - mails.length - mails.filter(({ event }) => event.type === 'Chat.Ended').length,
    'Salesforce records': (distinct['salesforce'] ?? 0) - ofConsumer('Salesforce'),
    'Zendesk tickets': (distinct['zendesk'] ?? 0) - ofConsumer('Zendesk'),
  };
  const found = Object.entries(beyond).filter(([, count]) => count > 0);
  const atDestinations = destinations.problems();
  return {
    count: found.reduce((sum, [, count]) => sum + count, 0) + atDestinations.length,
    problems: [...found.map(([name, count]) => `${count} ${name} too many.`), ...atDestinations],
  };
}
