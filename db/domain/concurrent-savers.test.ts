import { catalogue, type ChatEvent, type EventType } from '../../events/catalogue';
import { meetingEvents } from '../../tests/meeting-events';
import { type DomainDatabase, eventOf, eventTypes, exampleOf, openDomainDatabase } from '../../tests/domain-database';
import { saveEvents } from './save-events';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

/** One event of each type about the same subject: chat, visitor, agent or campaign. */
function aboutSubject(type: EventType, subject: string, id: string): ChatEvent {
  const SiteId = 7;
  const data: Partial<Record<EventType, object>> = {
    'Chat.Ended': { Chat: { ChatId: subject, SiteId, RatingGrade: 3, AgentComment: id }, Visitor: { Id: subject } },
    'OfflineMessage.Submit': { SiteId, visitorId: subject },
    'Visitor.Rating': { SiteId, ChatGuid: subject, ratingGrade: 3 },
    'Agent.Wrapup': { SiteId, ChatId: subject },
    'CannedMessage.UseLog': { SiteId, ChatId: subject },
    'PrivateMessage.Log': { SiteId, Messages: [{ FromAgentId: subject }] },
    'ChatQueue.Log': { SiteId, Messages: [{ DepartmentId: subject }] },
    'AgentStatus.Log': { SiteId, AgentId: subject },
    'AutoInvitation.Log': { SiteId, Logs: [{ CampainId: subject, SetNumber: 1 }] },
    'ManualInvitation.Log': { SiteId, Logs: [{ AgentId: subject }] },
    'Visit.Log': { SiteId, CampainId: subject, VisitCount: 1 },
    'Conversion.Log': { SiteId, Logs: [{ ConversionId: subject }] },
    'Agent.SavePreference': { SiteId, AgentId: subject, Columns: [{ EnumColumn: 1 }] },
    'Agent.Ban': { SiteId, BanType: 0, IpFromOrVisitorId: subject },
  };
  return eventOf(type, data[type] ?? { ...catalogue[type].example, SiteId }, '10:00:00', id);
}

/** How many sessions wait for a lock. */
async function countBlocked(): Promise<number> {
  const blocked = await db.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return blocked.length;
}

/** Saves the lists at once while a third saver holds `held`; it gives up when all the others wait or are done. */
async function saveAtOnce(held: ChatEvent, ...lists: ChatEvent[][]): Promise<void> {
  const holder = await db.pool.connect();
  let settled: Promise<PromiseSettledResult<void>[]> | undefined;
  try {
    await holder.query('begin');
    await saveEvents(holder, [held]);
    let done = 0;
    settled = Promise.allSettled(lists.map((events) => db.save(...events).finally(() => done++)));
    while (done + (await countBlocked()) < lists.length);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect(await settled).toEqual(lists.map(() => ({ status: 'fulfilled', value: undefined })));
}

describe('concurrent savers', () => {
  it.each(eventTypes)('of the same %s in opposite order wait in line, never in a circle', async (type) => {
    const [a, m, z] = ['a', 'm', 'z'].map((id) => aboutSubject(type, id, id)) as [ChatEvent, ChatEvent, ChatEvent];
    await saveAtOnce(m, [a, m, z], [z, m, a]);
  });

  it.each(eventTypes)('of different %s about the same in opposite order wait in line', async (type) => {
    const of = (saver: string, ...subjects: string[]) =>
      subjects.map((subject, index) => aboutSubject(type, subject, `${saver}${index}`));
    await saveAtOnce(aboutSubject(type, 'm', '0'), of('x', 'a', 'm', 'z'), of('y', 'z', 'm', 'a'));
  });

  it('of chats and their ratings wait in line', async () => {
    const rated = (subject: string) => aboutSubject('Visitor.Rating', subject, 'r');
    const ended = (subject: string) => aboutSubject('Chat.Ended', subject, 'c');
    await saveAtOnce(rated('m'), [ended('a'), rated('m'), rated('z')], [ended('z'), rated('m'), rated('a')]);
  });

  it('of overlapping lists in different orders neither deadlock nor count anything twice', async () => {
    const events = [
      ...eventTypes.flatMap((type) => [exampleOf(type, 'e1'), exampleOf(type, 'e2')]),
      ...Array.from({ length: 8 }, (_, subject) => meetingEvents(subject + 1)).flat(),
    ];
    const savers = Array.from({ length: 8 }, (_, saver) =>
      Array.from({ length: 4 }, (_, round) => {
        const start = (saver * 53 + round * 31) % events.length;
        const turned = [...events.slice(start), ...events.slice(0, start)].slice(0, 90);
        return saver % 2 === 0 ? turned.reverse() : turned;
      }),
    );
    await Promise.all(
      savers.map(async (lists) => {
        for (const list of lists) await db.save(...list);
      }),
    );
    await db.save(...events);
    const together = await db.everything();
    await db.empty();
    await db.save(...events);
    expect(together).toEqual(await db.everything());
  }, 120_000);

  it('of one event add it to its sums once', async () => {
    const visits = aboutSubject('Visit.Log', '3', 'v');
    const invitations = aboutSubject('AutoInvitation.Log', '3', 'i');
    await saveAtOnce(aboutSubject('Visit.Log', '3', 'other'), [visits, invitations], [invitations, visits]);
    expect(await db.rowsOf('visits_per_day')).toMatchObject([{ visits: 1 }]);
    expect(await db.rowsOf('auto_invitations_per_day')).toMatchObject([{ sent: 1 }]);
  });
});
