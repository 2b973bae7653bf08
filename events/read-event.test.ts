import { catalogue, type DataOf, type EventType } from './catalogue';
import { readEvent } from './read-event';

const fallback = { id: 'workflow-1', receivedAt: '2026-03-02T09:00:00.000Z' };

function read(input: unknown) {
  const outcome = readEvent(input, fallback);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}

function dataOf<T extends EventType>(type: T, data: unknown): DataOf<T> {
  return read({ type, siteId: 1, data }).event.data as DataOf<T>;
}

function problemsOf(input: unknown) {
  const outcome = readEvent(input, fallback);
  return outcome.ok ? [] : outcome.problems;
}

describe('identity', () => {
  const visit = { SiteId: 5, VisitCount: 1 };

  it('is the given id, else the natural one, else what the caller falls back to', () => {
    expect(read({ type: 'Visit.Log', id: 'a', data: visit }).key).toBe('Visit.Log/5/a');
    expect(read({ type: 'Visit.Log', id: 7, data: visit }).key).toBe('Visit.Log/5/7');
    expect(read({ type: 'Chat.Ended', data: { SiteId: 5, ChatId: 'c-1' } }).key).toBe('Chat.Ended/5/c-1');
    expect(read({ type: 'Chat.Ended', id: 'a', data: { SiteId: 5, ChatId: 'c-1' } }).key).toBe('Chat.Ended/5/a');
    expect(read({ type: 'Visit.Log', data: visit }).key).toBe('Visit.Log/5/workflow-1');
  });

  it('takes the site from the data or from beside them, and refuses two that differ', () => {
    expect(read({ type: 'Visit.Log', siteId: '5', data: {} }).event).toMatchObject({
      siteId: '5',
      data: { siteId: '5' },
    });
    expect(read({ type: 'Visit.Log', siteId: 5, data: { siteid: '005' } }).event.siteId).toBe('5');
    expect(problemsOf({ type: 'Visit.Log', siteId: 6, data: visit })).toEqual([
      { path: 'data.SiteId', problem: 'differs from siteId' },
    ]);
    expect(problemsOf({ type: 'Visit.Log', data: {} })).toEqual([{ path: 'data.SiteId', problem: 'is required' }]);
  });

  it.each([0, -1, 1.5, '0', '-3', 'x', true, {}, [], '1e3', NaN])('refuses the site id %p', (SiteId) => {
    expect(problemsOf({ type: 'Visit.Log', data: { SiteId } })).toMatchObject([{ path: 'data.SiteId' }]);
    expect(problemsOf({ type: 'Visit.Log', siteId: SiteId, data: {} })).toContainEqual({
      path: 'siteId',
      problem: 'expected a site id: a whole number above 0',
    });
  });

  it.each(['a\nb', 'a\u2028b', 'a\u00a0b', 'a\u200bb', '\ud800', 'x'.repeat(250), {}, 1.5])(
    'refuses the id %p, which makes no key',
    (id) => {
      expect(problemsOf({ type: 'Visit.Log', id, data: visit })).toMatchObject([{ path: 'id' }]);
    },
  );

  it('takes the time from the event, else from the caller', () => {
    expect(read({ type: 'Visit.Log', receivedAt: '2026-01-01T01:00:00+01:00', data: visit }).event.receivedAt).toBe(
      '2026-01-01T00:00:00.000Z',
    );
    expect(read({ type: 'Visit.Log', data: visit }).event.receivedAt).toBe(fallback.receivedAt);
    expect(problemsOf({ type: 'Visit.Log', receivedAt: 'soon', data: visit })).toMatchObject([{ path: 'receivedAt' }]);
  });

  it('names the key of a refused event where it is known', () => {
    const outcome = readEvent({ type: 'Visit.Log', siteId: 5, id: 'a', data: { VisitCount: 'many' } }, fallback);
    expect(outcome).toMatchObject({ ok: false, key: 'Visit.Log/5/a' });
  });

  it('reads types in any case, and the envelope of later servers with its data as text', () => {
    expect(read({ Type: 'visit.log', Data: '{"SiteId":5,"CampainId":636512345678901234}' }).event).toMatchObject({
      type: 'Visit.Log',
      data: { campaignId: '636512345678901234' },
    });
  });
});

describe('what is refused', () => {
  it('is named all at once, by path in the spelling of the sender, without its value', () => {
    const secret = 'do not tell';
    const outcome = readEvent(
      {
        type: 'Chat.Ended',
        receivedAt: secret,
        data: {
          Chat: {
            SiteId: 5,
            Start: secret,
            AGENTIDS: secret,
            BotActions: [{}, { Time: secret }, 3],
            IfNewTicket: secret,
          },
          Visitor: secret,
        },
      },
      fallback,
    );
    expect(outcome).toEqual({
      ok: false,
      problems: [
        { path: 'receivedAt', problem: 'expected a time in ISO 8601' },
        { path: 'data.Chat.ChatId', problem: 'is required' },
        { path: 'data.Chat.AGENTIDS', problem: 'expected a list' },
        { path: 'data.Chat.Start', problem: 'expected a time in ISO 8601, years 1 to 9999' },
        { path: 'data.Chat.IfNewTicket', problem: 'expected true or false' },
        { path: 'data.Chat.BotActions[1].Time', problem: 'expected a time in ISO 8601, years 1 to 9999' },
        { path: 'data.Chat.BotActions[2]', problem: 'expected an object' },
        { path: 'data.Visitor', problem: 'expected an object' },
      ],
    });
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  it.each([null, undefined, 3, 'text', [], true])('includes the input %p', (input) => {
    expect(problemsOf(input)).toHaveLength(1);
  });

  it.each([null, undefined, 3, [], true, '[]', '{"a":'])('includes the data %p', (data) => {
    expect(problemsOf({ type: 'Visit.Log', siteId: 1, data })).toMatchObject([{ path: 'data' }]);
  });

  it('includes unknown types', () => {
    expect(problemsOf({ type: 'Chat.Begun', data: {} })).toMatchObject([{ path: 'type' }]);
  });

  it.each([
    ['Chat.Ended', 'data.Chat.ChatId'],
    ['Visitor.Rating', 'data.ChatGuid'],
    ['Agent.Wrapup', 'data.ChatId'],
    ['CannedMessage.UseLog', 'data.ChatId'],
  ])('includes %s without its chat', (type, path) => {
    for (const ChatId of [undefined, null, '', 0, '0']) {
      expect(problemsOf({ type, data: { SiteId: 1, ChatId } })).toEqual([{ path, problem: 'is required' }]);
    }
  });

  it.each([
    ['data.BanType', { IpFromOrVisitorId: 7 }],
    ['data.IpFromOrVisitorId', { BanType: 1, IpTo: 7 }],
    ['data.IpFromOrVisitorId', { BanType: 0, IpFromOrVisitorId: null, VisitorId: '' }],
  ])('includes a ban without %s', (path, data) => {
    expect(problemsOf({ type: 'Agent.Ban', siteId: 1, data })).toEqual([{ path, problem: 'is required' }]);
  });

  it('does not include an event of which only site, chat and the target of a ban are known', () => {
    for (const type of Object.keys(catalogue)) {
      const target = type === 'Agent.Ban' && { BanType: 0, IpFromOrVisitorId: 0 };
      expect(problemsOf({ type, data: { SiteId: 1, ChatId: 2, ...target } })).toEqual([]);
    }
  });

  it('lists a hundred problems and says that there are more', () => {
    const problems = problemsOf({
      type: 'ChatQueue.Log',
      siteId: 1,
      data: { Messages: Array.from({ length: 500 }, () => 1) },
    });
    expect(problems).toHaveLength(101);
  });
});

describe('keys', () => {
  it('are matched in any case', () => {
    expect(dataOf('Visit.Log', { CAMPAINID: 3, visitcount: 2 })).toEqual({
      siteId: '1',
      campaignId: '3',
      visitCount: 2,
    });
  });

  it('may be corrected; the spelling of the seed wins, and what loses is kept', () => {
    const outcome = read({ type: 'Visit.Log', siteId: 1, data: { CampaignId: 4, campainid: 5, CampainId: 3 } });
    expect(outcome.event.data).toMatchObject({ campaignId: '3', extra: { CampaignId: 4, campainid: 5 } });
    expect(outcome.conflicts).toBe(2);
  });

  it('with nothing in them leave the field to another spelling', () => {
    expect(dataOf('Visit.Log', { CampainId: 0, CampaignId: 4 })).toEqual({
      siteId: '1',
      campaignId: '4',
      visitCount: null,
    });
  });

  it('that are unknown are kept as they came, at their own level', () => {
    expect(dataOf('ChatQueue.Log', { New: { a: [1n, 'x\0'] }, Messages: [{ Also: null }] })).toEqual({
      siteId: '1',
      entries: [{ departmentId: null, queueLength: null, at: null, extra: { Also: null } }],
      extra: { New: { a: ['1', 'x\uFFFD'] } },
    });
  });

  it('that are unknown are named by where they stand, without their values: a few, each cut short', () => {
    const Messages = Array.from({ length: 50 }, (_, n) => ({ Id: n, Foo: n, [`k${n}`]: 'private' }));
    const Chat = { ChatId: 1, ['x'.repeat(5_000)]: 1, Messages };
    const { unknownFields } = read({ type: 'Chat.Ended', siteId: 1, data: { Chat, Odd: null } });
    expect(unknownFields).toHaveLength(20);
    expect(unknownFields.slice(0, 4)).toEqual([
      'data.Odd',
      `data.Chat.${'x'.repeat(90)}`,
      'data.Chat.Messages[].Foo',
      'data.Chat.Messages[].k0',
    ]);
    expect(read({ type: 'Visit.Log', siteId: 1, data: { CampainId: 3, CampaignId: 4 } }).unknownFields).toEqual([]);
  });

  it('called __proto__ do no harm', () => {
    const data = JSON.parse('{"__proto__":{"siteId":"9"},"x":{"__proto__":{"polluted":true}}}');
    expect(dataOf('Visit.Log', data)).toEqual({ siteId: '1', campaignId: null, visitCount: null, extra: { x: {} } });
    const inner = dataOf('Visit.Log', data).extra?.['x'];
    expect(Object.getPrototypeOf(inner)).toBe(Object.prototype);
  });
});

it('replaces what Postgres cannot store and counts it', () => {
  const outcome = read({
    type: 'Agent.Wrapup',
    siteId: 1,
    data: { ChatId: 1, Comment: 'a\0\0b\ud800💬', 'k\0': '\udc00' },
  });
  expect(outcome.event.data).toMatchObject({ comment: 'a\uFFFD\uFFFDb\uFFFD💬', extra: { 'k\uFFFD': '\uFFFD' } });
  expect(outcome.replaced).toBe(5);
});

it('does not crash on an object whose getters throw', () => {
  const data = Object.defineProperty({}, 'SiteId', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  expect(problemsOf({ type: 'Visit.Log', data })).toHaveLength(1);
});
