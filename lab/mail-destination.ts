import { startSmtpServer, type Faults } from '../activities/consumers/email/fake';
import { hasContent, isMailed } from '../activities/consumers/email/find-recipients';
import { repeats, type Connect, type Destination } from './destination';

/** Recipients of an event type's mails, at each site. */
const RECIPIENTS: Readonly<Record<string, readonly string[]>> = {
  'Chat.Ended': ['support', 'archive'],
  'OfflineMessage.Submit': ['support'],
};

/** One mail server for all sites, and an account of each. */
export async function openMail(sites: readonly string[], connect: Connect, faults: Faults): Promise<Destination> {
  const smtp = await startSmtpServer({ security: 'none' });
  Object.assign(smtp.faults, faults);
  for (const siteId of sites) {
    const at = (names: readonly string[]): string[] => names.map((name) => `${name}@site-${siteId}.example`);
    const recipients = Object.fromEntries(Object.entries(RECIPIENTS).map(([type, names]) => [type, at(names)]));
    const from = { name: `Site ${siteId}`, address: `chat@site-${siteId}.example` };
    await connect(siteId, 'email', { host: smtp.host, port: smtp.port, security: 'none', from, recipients }, {});
  }
  /** Message ids of all mails, each as often as it came. */
  const mails = (): string[] => smtp.arrivals.map(({ raw }) => messageIdOf(raw));
  return {
    consumer: 'email',
    look() {
      const counts = new Map<string, number>();
      // A delivery's id begins those of its mails.
      for (const mail of new Set(mails())) {
        const id = mail.slice(1).split('.')[0] ?? '';
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      return ({ id, event }) => counts.get(id) === RECIPIENTS[event.type]?.length;
    },
    asksNothing: ({ event }) => isMailed(event) && !hasContent(event, { isVisitor: false }),
    distinct: () => new Set(mails()).size,
    wireDuplicates: () => repeats(mails()),
    problems: () => [],
    heal: () => {},
    forget: () => void smtp.arrivals.splice(0),
    close: () => smtp.close(),
  };
}

export const messageIdOf = (raw: Buffer): string =>
  /^Message-ID:\s*(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1] ?? '';
