import { startFakeServer, type FakeAnswer, type FakeRequest, type Fault } from '../../http/fake';
import type { AnswerShape } from '../../http/fake/fill-answer';
import { answers } from './fake/answers';

interface Options {
  /** The secret part of the webhook's address. */
  readonly token?: string;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

/** A message that arrives in the channel. */
export interface SlackMessage {
  readonly text: string;
  readonly mrkdwn?: boolean;
}

/** As a fault of the fake: the answer instead of the usual one. */
export const faultOf = ({ status, headers = {}, body }: AnswerShape): FakeAnswer => ({
  status,
  headers,
  body: String(body),
});

/** An incoming webhook on 127.0.0.1 that keeps each message as often as it was posted, and fails as it is told. */
export async function startSlack({ token = 'example-token', fault, port = 0 }: Options = {}) {
  const messages: SlackMessage[] = [];
  const own = `/services/T0EXAMPLE/B0EXAMPLE/${token}`;
  const { origin, ...server } = await startFakeServer({
    handle({ path, body }) {
      if (path !== own) return faultOf(answers.invalidToken);
      const message = readMessage(body);
      if (message === undefined) return faultOf(answers.invalidPayload);
      if (!message.text) return faultOf(answers.noText);
      messages.push(message);
      return faultOf(answers.posted);
    },
    fault,
    port,
  });
  const account = { config: {}, secrets: { url: `${origin}${own}` } };
  return { ...server, origin, messages, account };
}

function readMessage(body: string): SlackMessage | undefined {
  try {
    return JSON.parse(body) as SlackMessage; // the consumer under test writes it
  } catch {
    return undefined;
  }
}
