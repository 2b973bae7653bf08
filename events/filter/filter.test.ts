import { catalogue } from '../catalogue';
import { readEvent } from '../read-event';
import { checkFilter } from './check-filter';
import { matches } from './matches';

const data = {
  ratingGrade: 2,
  chatId: 'c-17',
  ratingComment: null,
  startedAt: '2026-11-20T10:00:00.000Z',
  agentIds: ['15', '16'],
  contact: { name: 'Ann', email: 'ann@example.com' },
  customFields: [
    { name: 'Solved', value: 'yes' },
    { name: 'Plan', value: 'gold' },
  ],
  none: [],
  flag: false,
};

it.each<[filter: object, isTaken: boolean]>([
  [{}, true],
  [{ ratingGrade: 2 }, true],
  [{ ratingGrade: 3 }, false],
  [{ ratingGrade: '2' }, false],
  [{ flag: false }, true],
  [{ ratingGrade: { $eq: 2 }, chatId: { $eq: 'c-18' } }, false],
  [{ ratingGrade: { $ne: 3 } }, true],
  [{ ratingGrade: { $ne: 2 } }, false],
  [{ ratingGrade: { $in: [1, 2] } }, true],
  [{ ratingGrade: { $nin: [1, 2] } }, false],
  [{ ratingGrade: { $gt: 1, $lt: 3 } }, true],
  [{ ratingGrade: { $gte: 2, $lte: 2 } }, true],
  [{ ratingGrade: { $gt: 2 } }, false],
  [{ ratingGrade: { $gt: '1' } }, false],
  [{ startedAt: { $gte: '2026-11-20T09:00:00.000Z' } }, true],
  [{ chatId: { $startsWith: 'c-', $endsWith: '17' } }, true],
  [{ chatId: { $startsWith: 'd' } }, false],
  [{ ratingGrade: { $startsWith: '2' } }, false],
  [{ contact: { name: 'Ann', email: { $endsWith: '@example.com' } } }, true],
  // A field that is missing, or null.
  [{ ratingComment: { $eq: 'x' } }, false],
  [{ ratingComment: { $ne: 'x' } }, false],
  [{ ratingComment: { $nin: ['x'] } }, false],
  [{ nothing: { deeper: { $gt: 1 } } }, false],
  [{ chatId: { deeper: 1 } }, false],
  [{ toString: { $exist: true } }, false],
  [{ ratingComment: { $exist: false } }, true],
  [{ nothing: { $exist: true } }, false],
  [{ ratingGrade: { $exist: true } }, true],
  [{ ratingComment: { $not: { $eq: 'x' } } }, true],
  // Of a list, one element is enough; the conditions of an object hold for the same one.
  [{ agentIds: '16' }, true],
  [{ agentIds: { $in: ['17'] } }, false],
  [{ agentIds: { $ne: '16' } }, false],
  [{ agentIds: { $nin: ['17'] } }, true],
  [{ none: { $ne: 'x' } }, true],
  [{ none: 'x' }, false],
  [{ customFields: { name: 'Plan', value: 'gold' } }, true],
  [{ customFields: { name: 'Solved', value: 'gold' } }, false],
  // Several.
  [{ $or: [{ ratingGrade: 5 }, { chatId: 'c-17' }] }, true],
  [{ $and: [{ ratingGrade: 2 }, { chatId: 'c-18' }] }, false],
  [{ $not: { ratingGrade: 2 } }, false],
  [{ contact: { $or: [{ name: 'Bob' }, { email: { $exist: true } }] } }, true],
  [{ ratingGrade: { $not: { $in: [1, 2] } } }, false],
  [{ $or: [] }, false],
])('a filter %j: %s', (filter, isTaken) => {
  expect(matches(filter, data)).toBe(isTaken);
});

it.each([[{ a: { $near: 1 } }], [{ $or: { a: 1 } }], [{ a: { $in: 1 } }], [nested(30)]])(
  'a filter that this version cannot read is neither true nor false: %#',
  (filter) => {
    expect(matches(filter, { a: 1 })).toBeUndefined();
  },
);

function nested(depth: number): object {
  return depth === 0 ? { ratingGrade: 1 } : { $not: nested(depth - 1) };
}

const problemsOf = (type: keyof typeof catalogue, filter: unknown): string[] =>
  checkFilter(catalogue[type], filter).problems.map(({ path, problem }) => `${path}: ${problem}`);

it.each<[type: keyof typeof catalogue, filter: unknown, problem: string]>([
  ['Visitor.Rating', 'ratingGrade', 'filter: expected a JSON object'],
  ['Visitor.Rating', { ratingGrad: 1 }, 'ratingGrad: Visitor.Rating has no such field; near it: ratingGrade'],
  ['Visitor.Rating', { ChatGuid: 'c' }, 'ChatGuid: Visitor.Rating has no such field; near it: chatId'],
  ['Chat.Ended', { chat: { agentIds: ['1'] } }, 'chat.agentIds: expected a value'],
  [
    'Chat.Ended',
    { chat: { PreChatEmail: 'x' } },
    'chat.PreChatEmail: Chat.Ended has no such field; near it: chat.contact.email',
  ],
  ['Visitor.Rating', { ratingGrade: '5' }, 'ratingGrade: expected a value as the field has it: whole number'],
  ['Visitor.Rating', { ratingGrade: { $in: 5 } }, 'ratingGrade.$in: expected a list of values'],
  ['Visitor.Rating', { ratingGrade: { $in: [5, 'x'] } }, 'ratingGrade.$in: expected a value as the field has it'],
  [
    'Visitor.Rating',
    { ratingGrade: { $gte: null } },
    'ratingGrade.$gte: expected a value; {"$exist":false} finds none',
  ],
  ['Visitor.Rating', { ratingGrade: { $near: 5 } }, 'ratingGrade.$near: there is no such operator; there is $eq'],
  ['Visitor.Rating', { ratingGrade: { $exist: 1 } }, 'ratingGrade.$exist: expected true or false'],
  ['Visitor.Rating', { ratingGrade: {} }, 'ratingGrade: expected a condition'],
  ['Visitor.Rating', { ratingComment: { $startsWith: 1 } }, 'ratingComment.$startsWith: expected a text'],
  ['Visitor.Rating', { ratingGrade: { $startsWith: '5' } }, 'ratingGrade.$startsWith: expected another operator'],
  ['Visitor.Rating', { ratingComment: 'é'.repeat(5_000) }, 'filter: expected 10000 bytes at most'],
  ['Visitor.Rating', { $or: {} }, '$or: expected a list of conditions'],
  ['Visitor.Rating', { customFields: 'x' }, 'customFields: expected fields with conditions'],
  ['Visitor.Rating', nested(30), 'filter: expected conditions at most 20 deep'],
  ['Visitor.Rating', { ratingComment: 'x'.repeat(20_000) }, 'filter: expected 10000 bytes at most'],
])('of %s, %j is refused', (type, filter, problem) => {
  expect(problemsOf(type, filter)).toEqual([expect.stringContaining(problem)]);
});

it('takes conditions on fields of objects, lists and other fields, and writes times as events have them', () => {
  const filter = {
    chat: { startedAt: { $gte: '2026-11-20T11:00:00+01:00' }, agentIds: '15', contact: { email: { $exist: true } } },
    extra: { anything: { $gt: 1 } },
  };
  const { problems, filter: stored } = checkFilter(catalogue['Chat.Ended'], filter);
  expect(problems).toEqual([]);
  expect(stored).toMatchObject({ chat: { startedAt: { $gte: '2026-11-20T10:00:00.000Z' } } });
});

it('writes a GUID as events have it', () => {
  const filter = { chatId: { $in: ['{0F8FAD5B-D9CB-469F-A165-70867728950E}', 'c-17'] } };
  expect(checkFilter(catalogue['Visitor.Rating'], filter)).toEqual({
    problems: [],
    filter: { chatId: { $in: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'c-17'] } },
  });
});

it.each(Object.entries(catalogue))('takes every value of the example of %s, and matches it', (type, { example }) => {
  const read = readEvent({ type, data: example }, { id: 'x', receivedAt: '2026-11-20T10:00:00.000Z' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const values = Object.entries(read.event.data).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  const filter = Object.fromEntries(values);
  expect(checkFilter(catalogue[type as keyof typeof catalogue], filter)).toEqual({
    problems: values.length === 0 ? [{ path: 'filter', problem: 'expected a condition' }] : [],
    filter,
  });
  expect(matches(filter, read.event.data)).toBe(true);
});
