import { deliveryId } from '../events/delivery-id';
import { readEvent } from '../events/read-event';
import type { AccountRows, DeliveryRow } from './queries/read-account-rows';
import { account, acceptedEvents, impliedDeliveries, type Publication } from './account';
import { printAccount } from './print-account';

const receipt = (type: string, id: string, data: object = { SiteId: 7 }): Publication => {
  const read = readEvent({ type, id, data }, { id, receivedAt: '2026-11-20T09:00:00.000Z' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { outcome: 'accepted', key: read.key, acceptedBy: 'main', event: read.event };
};
const ended = (id: string, missed = 0): Publication =>
  receipt('Chat.Ended', id, { ChatId: id, SiteId: 7, MissedChatStatus: missed });
const status = (id: string): Publication => receipt('AgentStatus.Log', id, { SiteId: 7, AgentId: 1, Stauts: 1 });

/** Rows of a product that did everything right: persisted, and tickets parked as paused. */
function rowsOf(
  publications: readonly Publication[],
  change: Partial<Record<string, DeliveryRow['state']>> = {},
): AccountRows {
  const implied = impliedDeliveries(acceptedEvents(publications), []);
  const deliveries = implied.map(({ id, key, dataQueue }) => ({
    id,
    eventKey: key,
    dataQueue,
    state: change[dataQueue] ?? (dataQueue.endsWith('.Ticket') ? ('parked' as const) : ('delivered' as const)),
    failureType: null,
    failureMessage: null,
    cluster: 'main',
    workflowId: key,
  }));
  const counts = new Map<string, number>();
  for (const { eventKey } of deliveries) counts.set(eventKey, (counts.get(eventKey) ?? 0) + 1);
  return {
    events: [...counts].map(([key, deliveryCount]) => ({ key, deliveryCount, cluster: 'main' })),
    deliveries,
    refusedKeys: [],
  };
}

const foundOf = (rows: AccountRows): Set<string> =>
  new Set(rows.deliveries.filter(({ state }) => state === 'delivered').map(({ id }) => id));

test('counts events by distinct key, and repeats as duplicates', () => {
  const refused: Publication = { outcome: 'refused', type: 'Chat.Ended', reason: 'no site' };
  const publications = [ended('a'), status('1'), ended('a'), refused, ended('a')];
  const rows = rowsOf(publications);
  const sums = account({ publications, connections: [], found: foundOf(rows), rows });
  expect(sums).toMatchObject({
    published: 5,
    accepted: 2,
    duplicates: 2,
    refused: 1,
    recorded: 2,
    lost: 0,
    problems: [],
  });
  expect(sums.deliveries).toEqual({ delivered: 2, parked: 1, discarded: 0, pending: 0 });
  expect(Object.keys(sums.byQueue)).toEqual(['Chat.Ended.Persistence', 'Chat.Ended.Ticket', 'AgentStatus.Log']);
});

test('an effect that is not at its destination is lost, also where the rows say delivered', () => {
  const publications = [ended('a'), status('1'), status('2')];
  const rows = rowsOf(publications);
  const found = foundOf(rows);
  found.delete(deliveryId('AgentStatus.Log/7/2', 'AgentStatus.Log', ''));
  const sums = account({ publications, connections: [], found, rows });
  expect(sums.lost).toBe(1);
  expect(sums.byQueue['AgentStatus.Log']).toMatchObject({ implied: 2, found: 1, delivered: 2, lost: 1 });
  expect(printAccount(sums)).toContain('LOST: 1');
});

test('an accepted event that was never recorded is lost, and the account does not balance', () => {
  const publications = [ended('a'), status('1')];
  const rows = rowsOf([status('1')]);
  const sums = account({ publications, connections: [], found: foundOf(rows), rows });
  expect(sums.lost).toBe(2);
  expect(sums.problems).toEqual(['1 accepted events are neither recorded nor refused at recording.']);
});

test('an event that was refused at recording implies nothing', () => {
  const publications = [ended('a'), status('1')];
  const rows = { ...rowsOf([status('1')]), refusedKeys: ['Chat.Ended/7/a'] };
  const sums = account({ publications, connections: [], found: foundOf(rows), rows });
  expect(sums).toMatchObject({ accepted: 2, recorded: 1, lost: 0, problems: [] });
});

test('a parked or discarded delivery is not lost, a pending one is', () => {
  const publications = [ended('a'), status('1'), receipt('Visit.Log', '1', { SiteId: 7, CampainId: 1, VisitCount: 2 })];
  const rows = rowsOf(publications, { 'AgentStatus.Log': 'discarded', 'Visit.Log': 'pending' });
  const sums = account({ publications, connections: [], found: foundOf(rows), rows });
  expect(sums.lost).toBe(1);
  expect(sums.problems).toEqual(['1 deliveries are still pending.']);
});

test('each connection of the site that takes the type is a delivery', () => {
  const publications = [ended('a')];
  const connection = { siteId: '7', consumer: 'webhook', eventTypes: [] };
  const connections = [
    { ...connection, id: 'c1' },
    { ...connection, id: 'c2', eventTypes: ['Visit.Log'] },
    { ...connection, id: 'c3', siteId: '8' },
    { ...connection, id: 'c4', consumer: 'email', eventTypes: ['Chat.Ended'] },
  ];
  const implied = impliedDeliveries(acceptedEvents(publications), connections);
  expect(implied.map(({ dataQueue }) => dataQueue).sort()).toEqual([
    'Chat.Ended.Email',
    'Chat.Ended.Persistence',
    'Chat.Ended.Ticket',
    'Chat.Ended.Webhook',
  ]);
});

test('a chat that became an offline message implies no ticket', () => {
  const implied = impliedDeliveries(acceptedEvents([ended('a', 3)]), []);
  expect(implied.map(({ dataQueue }) => dataQueue)).toEqual(['Chat.Ended.Persistence']);
});

test('what asks nothing of a destination is not lost, although nothing is found there', () => {
  const publications = [ended('a')];
  const rows = rowsOf(publications, { 'Chat.Ended.Ticket': 'delivered' });
  const persisted = rows.deliveries.filter(({ dataQueue }) => dataQueue === 'Chat.Ended.Persistence');
  const tickets = rows.deliveries.filter(({ dataQueue }) => dataQueue === 'Chat.Ended.Ticket');
  const [found, skipped] = [persisted, tickets].map((some) => new Set(some.map(({ id }) => id)));
  const sums = account({
    publications,
    connections: [],
    found: found ?? new Set(),
    skipped: skipped ?? new Set(),
    rows,
  });
  expect(sums).toMatchObject({ lost: 0, byQueue: { 'Chat.Ended.Ticket': { implied: 1, found: 0, skipped: 1 } } });
  expect(account({ publications, connections: [], found: found ?? new Set(), rows }).lost).toBe(1);
});

test('rows that the published events do not explain are named', () => {
  const rows = rowsOf([ended('a'), status('1')]);
  const sums = account({ publications: [status('1')], connections: [], found: foundOf(rows), rows });
  expect(sums.problems).toEqual(['2 deliveries follow from nothing that was published.']);
});

test('publishes without an answer are named', () => {
  const publications: Publication[] = [{ outcome: 'failed', type: 'Visit.Log', reason: 'PublishFailed: no answer' }];
  const sums = account({ publications, connections: [], found: new Set(), rows: rowsOf([]) });
  expect(sums.problems).toEqual(['1 events got no answer from publish: neither a receipt nor a refusal.']);
});

test('deliveries that the events speak of and that have no row are named', () => {
  const rows = rowsOf([status('1')]);
  const events = [{ key: 'AgentStatus.Log/7/1', deliveryCount: 2, cluster: 'main' }];
  const sums = account({
    publications: [status('1')],
    connections: [],
    found: foundOf(rows),
    rows: { ...rows, events },
  });
  expect(sums.problems).toEqual(["The events' rows speak of 2 deliveries, but there are 1."]);
});
