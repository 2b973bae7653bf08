import { instant, timeOfDay } from './clock';
import type { Line } from './line';
import type { Fields } from './newtonsoft-text';
import type { Random } from './random';
import { fill, type Prose } from './read-prose';
import type { Site, Visitor } from './sites';
import { sessionId, type Chat } from './write-chat';

/**
 * What visitors leave outside opening hours, and in place of a chat that nobody took. The event has no id of its own on the
 * wire, so most lines carry one that the chat server made up, and some leave it to the publisher.
 */
export function writeOfflineMessages(site: Site, prose: Prose, chats: readonly Chat[], random: Random): Line[] {
  const night = prose.offlineMessages.map((letter, n) => {
    const at = timeOfDay(site.closes + 1, random.between(0, 59)) + (n % 2) * timeOfDay(1, 10);
    return message(site, random.pick(site.visitors), letter, null, at, n, random);
  });
  const missed = chats
    .filter((chat) => chat.missed === 3)
    .map((chat, n) => {
      const title = site.id === 20017 ? '请回电' : site.id === 30042 ? 'يرجى الاتصال بي' : 'Please call me back';
      const letter = { title, text: `${chat.conversation.turns[0]?.text ?? ''} (${chat.product})` };
      return message(site, chat.visitor, letter, chat.id, chat.end + 20_000, night.length + n, random);
    });
  return [...night, ...missed];
}

function message(
  site: Site,
  visitor: Visitor,
  letter: { title: string; text: string },
  sourceChatId: string | null,
  at: number,
  n: number,
  random: Random,
): Line {
  const words = { order: `${site.orders}-${random.digits(6)}`, product: random.pick(site.products) };
  const page = random.pick(site.pages);
  return {
    at,
    type: 'OfflineMessage.Submit',
    ...(n % 3 === 2 ? {} : { id: `offline-${site.id}-${n + 1}` }),
    receivedAt: instant(at),
    data: {
      visitorId: random.guid(),
      VisitorName: visitor.name,
      VisitorEmail: visitor.email,
      VisitorCompany: visitor.company,
      VisitorPhone: null,
      City: visitor.city,
      Country: visitor.country,
      TimeZone: `UTC${site.timeZone < 0 ? '-' : '+'}${site.timeZone}`,
      Language: visitor.language,
      SiteId: site.id,
      SessionId: sessionId(site, random),
      SourceChatId: sourceChatId,
      CampainId: random.pick(site.campaigns),
      TicketId: n === 1 ? random.between(7_000, 7_400) : 0,
      RouteToId: n % 2 === 0 ? 0 : (site.departments.at(-1)?.id ?? 0),
      RouteToType: n % 2 === 0 ? 0 : 1,
      ChatSource: 0,
      RequestPageTitle: page.title,
      RequestPageUrl: site.host + page.path,
      AutoInvitationId: 0,
      ProductService: null,
      Segments: n === 0 ? [2, 5] : [],
      ...attachment(site, n),
      CustomFields: [],
      CustomVariables: random.chance(0.3) ? [{ Id: 3, Name: 'basket', value: '0.00', url: null }] : null,
      IfEnableIntegration: n !== 3,
      Title: letter.title,
      Content: fill(letter.text, words),
    },
  };
}

/** A small picture and a small text: byte[] is base64 on the wire. */
function attachment(site: Site, n: number): Fields {
  if (n === 1 && site.id === 10001) return { AttachmentName: 'zip ⛺.png', AttachmentContent: ONE_PIXEL };
  if (n === 0 && site.id === 20017) {
    const note = '门店：西安市雁塔区，面积 86 平方米，预计月销 20 公斤。\r\n'.repeat(12);
    return { AttachmentName: '茶馆情况.txt', AttachmentContent: Buffer.from(note, 'utf8').toString('base64') };
  }
  return { AttachmentName: null, AttachmentContent: null };
}

const ONE_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
