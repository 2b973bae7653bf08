import type { FailureType } from '../../failures';
import { describeContract, PERSONAL_MARKER, SECRET_MARKER } from '../../../tests/consumer-contract';
import { exampleEvent } from '../../../tests/send-request';
import { createEmail } from './email';
import { fakeCa, startSmtpServer, type Fault, type Faults } from './fake';

const allowedAddresses = ['127.0.0.1'];

const consumer = createEmail({ allowedAddresses, ca: fakeCa });
afterAll(() => consumer.close());

const once = (fault: Fault) => {
  const faults = [fault];
  return (): Fault | undefined => faults.shift();
};

const faults: Readonly<Record<string, readonly [Faults, FailureType]>> = {
  'connection dropped': [{ data: once('drop') }, 'Unavailable'],
  'recipient refused for now': [{ recipient: once('450 4.2.1') }, 'Unavailable'],
  'recipient refused for good': [{ recipient: once('550 5.1.1') }, 'Rejected'],
  'message refused for now': [{ data: once('451 4.3.0') }, 'Unavailable'],
  'message refused for good': [{ data: once('554 5.6.0') }, 'Rejected'],
  'sign-in refused': [{ recipient: once('535 5.7.8') }, 'ConnectionBroken'],
};

describeContract('email', {
  consumer,
  event: exampleEvent('Chat.Ended', {
    Chat: { ChatId: 'chat-1', SiteId: 10001, PreChatName: PERSONAL_MARKER, content: PERSONAL_MARKER },
  }),
  async start(fault) {
    const server = await startSmtpServer({ user: { name: 'mailer', password: SECRET_MARKER } });
    Object.assign(server.faults, fault === 'stall' ? { recipient: once('stall') } : fault && faults[fault]?.[0]);
    const config = {
      host: server.host,
      port: server.port,
      username: 'mailer',
      from: { address: 'support@example.com' },
      recipients: { 'Chat.Ended': [`${PERSONAL_MARKER}@example.com`] },
    };
    const messageIds = (): string[] =>
      server.arrivals.map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw.toString('latin1'))?.[1] ?? '');
    return {
      ...server,
      account: { config, secrets: { password: SECRET_MARKER } },
      arrivals: () => server.arrivals.length,
      effects: () => new Set(messageIds()).size,
    };
  },
  stall: 'stall',
  faults: Object.fromEntries(Object.entries(faults).map(([name, [, type]]) => [name, type])),
  badConfig: { host: 'smtp.example.com' },
});
