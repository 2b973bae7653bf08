import { readEvent } from '../events/read-event';
import { impliedDeliveries, type ImpliedDelivery } from './account';
import { askingNoTicket, chooseEffects, foundDeliveries } from './find-effects';

function implied(type: string, id: string, data: object, receivedAt = '2026-11-20T09:00:00.000Z'): ImpliedDelivery[] {
  const read = readEvent({ type, id, data, receivedAt }, { id, receivedAt });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return impliedDeliveries(new Map([[read.key, read.event]]), []);
}
const rating = (id: string, receivedAt: string): ImpliedDelivery[] =>
  implied('Visitor.Rating', id, { SiteId: 7, ChatId: 1, ratingGrade: 5 }, receivedAt);
const messages = (id: string): ImpliedDelivery[] =>
  implied('PrivateMessage.Log', id, { SiteId: 7, Messages: [{ FromAgentId: 1 }, { FromAgentId: 2 }] });

test('an event is found when every entry of its list has its row', () => {
  const wanted = [...messages('a'), ...messages('b'), ...messages('c')];
  const perEvent = [
    { dataQueue: 'PrivateMessage.Log', eventKey: 'PrivateMessage.Log/7/a', rows: 2 },
    { dataQueue: 'PrivateMessage.Log', eventKey: 'PrivateMessage.Log/7/b', rows: 1 },
  ];
  expect(foundDeliveries(wanted, { perEvent, latest: [] })).toEqual(new Set([wanted[0]?.id]));
});

test('where the latest wins, an earlier event is found in a later row, and a later one is not in an earlier row', () => {
  const [early, shown, late] = ['08', '09', '10'].map((hour) => rating(hour, `2026-11-20T${hour}:00:00.000Z`)).flat();
  const row = { dataQueue: 'Visitor.Rating', siteId: '7', subject: '1', eventKey: 'Visitor.Rating/7/09' };
  const latest = [{ ...row, receivedAt: new Date('2026-11-20T09:00:00.000Z') }];
  const wanted = [early, shown, late].filter((one) => one !== undefined);
  expect(foundDeliveries(wanted, { perEvent: [], latest })).toEqual(new Set([early?.id, shown?.id]));
});

test('at the same time the greater key wins', () => {
  const [a, b] = ['a', 'b'].flatMap((id) => rating(id, '2026-11-20T09:00:00.000Z'));
  const row = {
    dataQueue: 'Visitor.Rating',
    siteId: '7',
    subject: '1',
    receivedAt: new Date('2026-11-20T09:00:00.000Z'),
  };
  const wanted = [a, b].filter((one) => one !== undefined);
  const foundIn = (eventKey: string) => foundDeliveries(wanted, { perEvent: [], latest: [{ ...row, eventKey }] });
  expect(foundIn('Visitor.Rating/7/b')).toEqual(new Set([a?.id, b?.id]));
  expect(foundIn('Visitor.Rating/7/a')).toEqual(new Set([a?.id]));
});

test('effects to remove are taken from the data queues in turn, and never one that two events share', () => {
  const ratings = [...rating('1', '2026-11-20T08:00:00.000Z'), ...rating('2', '2026-11-20T09:00:00.000Z')];
  const status = ['x', 'y'].flatMap((id) => implied('AgentStatus.Log', id, { SiteId: 7, AgentId: 1, Stauts: 1 }));
  const all = [...ratings, ...messages('a'), ...messages('b'), ...status];
  const found = new Set(all.map(({ id }) => id));
  const queues = (count: number) => chooseEffects(all, found, count).map(({ dataQueue }) => dataQueue);
  expect(queues(3)).toEqual(['PrivateMessage.Log', 'AgentStatus.Log', 'PrivateMessage.Log']);
  expect(queues(10)).toHaveLength(4);
});

test('a ticket is found by the message of its event, and a chat that is for no ticket asks for none', () => {
  const chat = (id: string, more: object) =>
    implied('Chat.Ended', id, { SiteId: 7, ChatId: id, ...more }).filter(({ dataQueue }) =>
      dataQueue.endsWith('.Ticket'),
    );
  const [opens, appends, none] = [chat('a', { IfNewTicket: true }), chat('b', { TicketId: 7_001 }), chat('c', {})];
  const wanted = [...opens, ...appends, ...none];
  const perEvent = [{ dataQueue: 'Chat.Ended.Ticket', eventKey: 'Chat.Ended/7/b', rows: 1 }];
  expect(wanted).toHaveLength(3);
  expect(foundDeliveries(wanted, { perEvent, latest: [] })).toEqual(new Set([appends[0]?.id]));
  expect(askingNoTicket(wanted)).toEqual(new Set([none[0]?.id]));
});
