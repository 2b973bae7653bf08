import { startSmtpServer } from '../../activities/consumers/email/fake';
import { startSalesforce } from '../../activities/consumers/salesforce/fake';
import { startSlack } from '../../activities/consumers/slack/fake';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../../activities/consumers/webhook/fake';
import { startZendesk } from '../../activities/consumers/zendesk/fake';
import { createPlayer, type RecordedFile } from './play-answers';
import { chatEndedExample } from '../../events/chat-ended-example';

/** 0 = any free one. */
export interface FakePorts {
  readonly salesforce: number;
  readonly zendesk: number;
  readonly smtp: number;
  readonly webhook: number;
  readonly slack: number;
}

export const defaultPorts: FakePorts = { salesforce: 8501, zendesk: 8502, smtp: 8503, webhook: 8504, slack: 8505 };

/** A server that runs, and the parts of a connection to it. */
export interface Fake {
  readonly consumer: string;
  readonly address: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Starts a fake of each kind of destination.
 *
 * @param say gets a line for everything that arrives
 * @param recorded is answered instead of the own answers of Salesforce and Zendesk
 * @throws when a port is taken; then none is left running
 */
export async function openFakes(
  ports: FakePorts,
  say: (line: string) => void,
  recorded: readonly RecordedFile[] = [],
): Promise<Fake[]> {
  const playerOf = (consumer: string, origin: string) =>
    createPlayer(
      recorded.filter((one) => one.consumer === consumer),
      origin,
    );
  const telling = (name: string) => (request: { readonly method: string; readonly path: string }) =>
    void say(`${name.padEnd(11)}${request.method} ${request.path}`);
  const fakes: Fake[] = [];
  try {
    const salesforce = await startSalesforce({ port: ports.salesforce, fault: telling('salesforce') });
    fakes.push({
      consumer: 'salesforce',
      address: salesforce.origin,
      ...salesforce.account,
      close: () => salesforce.close(),
    });
    salesforce.script.play = playerOf('salesforce', salesforce.origin);
    const { LastName, LastEmail: Email } = chatEndedExample.Visitor; // so that the example finds a person
    salesforce.add('Contact', { LastName, Email });

    const zendesk = await startZendesk({ port: ports.zendesk, fault: telling('zendesk') });
    zendesk.script.play = playerOf('zendesk', zendesk.origin);
    fakes.push({ consumer: 'zendesk', address: zendesk.origin, ...zendesk.account, close: () => zendesk.close() });

    const smtp = await startSmtpServer({ security: 'none', port: ports.smtp });
    smtp.faults.data = (to) => void say(`${'email'.padEnd(11)}to ${to}`);
    const { host, port } = smtp;
    const from = { address: 'chat@site.example' };
    const recipients = { 'Chat.Ended': ['support@site.example'], 'OfflineMessage.Submit': ['support@site.example'] };
    const config = { host, port, security: 'none', from, recipients };
    fakes.push({
      consumer: 'email',
      address: `smtp://${host}:${port}`,
      config,
      secrets: {},
      close: () => smtp.close(),
    });

    const fault = (_: number, id: string): undefined => void say(`${'webhook'.padEnd(11)}${id}`);
    const webhook = await startWebhookReceiver({ port: ports.webhook, fault });
    const { url } = webhook;
    const secrets = { secret: EXAMPLE_SECRET };
    fakes.push({ consumer: 'webhook', address: url, config: { url }, secrets, close: () => webhook.close() });

    const slack = await startSlack({ port: ports.slack, fault: telling('slack') });
    fakes.push({ consumer: 'slack', address: slack.origin, ...slack.account, close: () => slack.close() });
    return fakes;
  } catch (error) {
    await Promise.all(fakes.map((fake) => fake.close()));
    throw error;
  }
}

/** The command that gives a site an account there. Its secrets are those of the example, and public. */
export function addCommand({ consumer, config, secrets }: Fake, siteId: string): string {
  const values = Object.entries(config).map(([name, value]) =>
    quote(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  );
  const add = `ALLOWED_ADDRESSES=127.0.0.1 npm run ops -- connections add ${consumer} --site ${siteId} --name fake --secrets -${['', ...values].join(' --set ')}`;
  return `echo ${quote(JSON.stringify(secrets))} | ${add}`;
}

const quote = (text: string): string => (/^[\w=:/.@-]+$/.test(text) ? text : `'${text}'`);
