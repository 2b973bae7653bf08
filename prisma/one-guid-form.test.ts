import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventOf, openDomainDatabase, type DomainDatabase } from '../tests/domain-database';
import { prismaFolder } from './migration-files';

const migration = readFileSync(
  join(prismaFolder, 'migrations', '20261130034500_one_guid_form', 'migration.sql'),
  'utf8',
);
const GUID = '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';
const VISITOR = '5c6d7e8f-1234-4a5b-8c9d-0e1f2a3b4c5d';
const upper = GUID.toUpperCase();

let db: DomainDatabase;
beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

const chat = (id: string) => {
  const Messages = [{ Content: 'Hi' }];
  const data = { Chat: { ChatId: GUID, SiteId: 7, Messages, RatingGrade: 4 }, Visitor: { Id: VISITOR } };
  return eventOf('Chat.Ended', data, '10:00:00', id);
};

it('a chat that was stored in another form is joined by what comes later for it', async () => {
  await db.save(chat('e1'));
  for (const table of ['chat', 'chat_rating']) await db.query(`update ${table} set chat_id = '{${upper}}'`);
  await db.query(`update chat set visitor_id = '${VISITOR.replaceAll('-', '').toUpperCase()}'`);
  await db.query(`update visitor set visitor_id = '(${VISITOR})'`);
  await db.query(migration);
  await db.save(eventOf('Visitor.Rating', { SiteId: 7, ChatGuid: upper, ratingGrade: 5 }, '11:00:00', 'e2'));
  expect(await db.rowsOf('chat')).toMatchObject([{ chat_id: GUID, visitor_id: VISITOR }]);
  expect(await db.rowsOf('chat_message')).toMatchObject([{ chat_id: GUID, content: 'Hi' }]);
  expect(await db.rowsOf('chat_rating')).toMatchObject([{ chat_id: GUID, grade: 5 }]);
  expect(await db.rowsOf('visitor')).toMatchObject([{ visitor_id: VISITOR }]);
});

it('of several rows of one chat the first becomes it, none is lost, and a second run changes nothing', async () => {
  for (const [i, id] of [upper, `{${GUID}}`, 'not-a-guid', '12345'].entries()) {
    await db.save(chat(`e${i}`));
    await db.query(`update chat set chat_id = '${id}' where chat_id = '${GUID}'`);
  }
  await db.query(migration);
  const ids = (await db.rowsOf('chat')).map(({ chat_id: id }) => id).sort();
  expect(ids).toEqual(['12345', GUID, 'not-a-guid', `{${GUID}}`].sort());
  const before = await db.everything(true);
  await db.query(migration);
  expect(await db.everything(true)).toEqual(before);
});
