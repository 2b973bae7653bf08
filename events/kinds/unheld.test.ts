import { markUnheld } from '../../protocol/read-json';
import { readEvent } from '../read-event';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };

const problemsOf = (data: unknown) => {
  const outcome = readEvent({ type: 'Chat.Ended', siteId: 1, data }, fallback);
  return outcome.ok ? [] : outcome.problems.map(({ path, problem }) => `${path}: ${problem}`);
};

it('a number that no double can hold is refused by its path, wherever it stands', () => {
  const text =
    '{"Chat":{"ChatId":"c","AgentAvgResponseTime":1e400,"AgentIds":[1e999],"Start":1e999,"Cobrowse":-1e999},"Mine":{"a":[0,-1e999]},"Visitor":{"City":1e309,"New":1e400}}';
  const expected = [
    'data.Chat.AgentIds[0]: expected an id: a whole number or text of at most 255 characters',
    'data.Chat.Start: expected a time in ISO 8601, years 1 to 9999',
    'data.Chat.AgentAvgResponseTime: expected a number',
    'data.Chat.Cobrowse: expected an object',
    'data.Visitor.City: expected text',
    'data.Visitor.New: expected a number that a double can hold',
    'data.Mine.a[1]: expected a number that a double can hold',
  ];
  expect(problemsOf(text).sort()).toEqual(expected.sort());
  const marked = JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? markUnheld(value) : value,
  );
  expect(problemsOf(marked).sort()).toEqual(expected.sort());
});

it.each([NaN, Infinity, -Infinity])('%p is refused where a number may be, and where anything may be', (number) => {
  const data = { Chat: { ChatId: 'c', VisitorMessageNum: number, Mine: number } };
  expect(problemsOf(data)).toEqual([
    'data.Chat.Mine: expected a number that a double can hold',
    'data.Chat.VisitorMessageNum: expected a whole number of 32 bits',
  ]);
});

it('as text they are none, and named where a value is required', () => {
  expect(problemsOf({ ChatId: 'c', AgentAvgResponseTime: 'NaN', VisitorMessageNum: 'Infinity' })).toEqual([]);
  expect(problemsOf({ ChatId: 'NaN' })).toEqual(['data.Chat.ChatId: is required']);
  expect(readEvent({ type: 'Visit.Log', data: { SiteId: 'Infinity' } }, fallback)).toMatchObject({
    problems: [{ path: 'data.SiteId', problem: 'expected a site id: a whole number above 0' }],
  });
});

it('the largest number of all is held', () => {
  expect(problemsOf('{"ChatId":"c","AgentAvgResponseTime":1.7976931348623157e308}')).toEqual([]);
});

it('a field of the sender that looks like the mark is none', () => {
  expect(problemsOf({ ChatId: 'c', Mine: { $number: '5' } })).toEqual([]);
});
