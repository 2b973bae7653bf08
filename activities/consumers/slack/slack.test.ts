import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { faultOf, startSlack } from './fake';
import { answers } from './fake/answers';
import { composeMessage, MOST_CHARACTERS } from './compose-message';
import { createSlack } from './slack';

const textOf = (event: Parameters<typeof composeMessage>[0]): string => String(composeMessage(event)['text']);
const offline = (Content: string, more: object = {}) => exampleEvent('OfflineMessage.Submit', { Content, ...more });

describe('the message', () => {
  it.each([
    ['a mention of all', '<!channel> <!everyone> <@U123>', '&lt;!channel&gt; &lt;!everyone&gt; &lt;@U123&gt;'],
    ['a link with another text', '<https://evil.example|bank>', '&lt;https://evil.example|bank&gt;'],
    ['an entity', '&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
  ])('has no %s', (_, written, shown) => {
    expect(textOf(offline(written))).toContain(shown);
    expect(textOf(offline('x', { VisitorName: written, Title: written }))).not.toMatch(/[<>]/);
  });

  it('asks Slack for no markup and for no previews', () => {
    expect(composeMessage(offline('*bold*'))).toMatchObject({
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it('has a name on one line, so that none looks like a line of the message', () => {
    const [first = '', second] = textOf(offline('hello', { VisitorName: 'Ann\nSubject: refund', Title: null })).split(
      '\n',
    );
    expect(first).toContain('Ann Subject: refund');
    expect(second).toBe('Message: hello');
  });

  it.each(['hi\nRating: 5', 'hi\u2028Rating: 5', 'Rating: 5'])(
    'has no line of its own that a visitor wrote: %j',
    (forged) => {
      const chat = exampleEvent('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 10001, content: forged } });
      for (const text of [textOf(offline(forged)), textOf(chat)]) {
        expect(text).toContain('Rating: 5');
        expect(text).not.toMatch(/^Rating: 5/m);
      }
    },
  );

  it('is cut on a whole character, and ends with its key', () => {
    const text = textOf(offline('💬'.repeat(20_000)));
    expect(Array.from(text).length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(text.endsWith(' ...\nOfflineMessage.Submit/10001/OfflineMessage.Submit-1')).toBe(true);
    expect(textOf(offline('&'.repeat(20_000))).length).toBeLessThan(40_000);
  });

  it('has the conversation of a chat, and one line of any other event', () => {
    expect(textOf(exampleEvent('Chat.Ended'))).toMatch(/^Chat with .* has ended, 2026-11-20 10:00 UTC\n/);
    expect(textOf(exampleEvent('Agent.Ban')).split('\n')).toEqual([
      'Agent.Ban, site 10001, 2026-11-20 10:00 UTC',
      'Agent.Ban/10001/Agent.Ban-1',
    ]);
  });
});

describe('the webhook', () => {
  const slack = createSlack({ allowedAddresses: ['127.0.0.1'] });
  afterAll(() => slack.close());

  it.each(Object.entries(answers).filter(([, { status }]) => status >= 400))(
    'takes %s as it should',
    async (name, answer) => {
      const server = await startSlack({ fault: () => faultOf(answer) });
      const failure: unknown = await slack
        .send(sendRequest(exampleEvent('Agent.Ban'), { account: server.account }))
        .catch((error: unknown) => error);
      const type = name === 'rateLimited' ? 'RateLimited' : answer.status === 500 ? 'Unavailable' : undefined;
      expect(failure).toMatchObject({ type: type ?? (answer.status === 400 ? 'Rejected' : 'ConnectionBroken') });
      if (name === 'rateLimited') expect(failure).toMatchObject({ retryAfterMs: 30_000, ofConnection: true });
      await server.close();
    },
  );

  it('is checked without a message, and says when its address is not known', async () => {
    const server = await startSlack();
    const signal = AbortSignal.timeout(10_000);
    expect(await slack.connection.check(server.account, signal)).toBe('Slack knows the webhook');
    expect(server.messages).toEqual([]);
    const other = { config: {}, secrets: { url: `${server.origin}/services/T/B/other` } };
    await expect(slack.connection.check(other, signal)).rejects.toMatchObject({
      type: 'ConnectionBroken',
      details: { status: 403, code: 'invalid_token' },
    });
    await server.close();
  });

  it('is not called where its address is not public', async () => {
    const guarded = createSlack({ allowedAddresses: [] });
    const account = { config: {}, secrets: { url: 'https://127.0.0.1/services/T/B/x' } };
    await expect(guarded.send(sendRequest(exampleEvent('Agent.Ban'), { account }))).rejects.toMatchObject({
      type: 'InvalidConfig',
    });
    await guarded.close();
  });

  it('gets one message a second', () => {
    expect(slack.connection.limits?.({})).toEqual({ maxInFlight: 1, ratePerSecond: 1 });
  });
});
