import { dateTime, instant, MIN_VALUE, timeOfDay } from './clock';
import { lineText, type Line } from './line';
import type { Fields } from './newtonsoft-text';
import type { Random } from './random';
import { outdoor, tea, travel } from './sites';
import { writeChat, type Chat } from './write-chat';

/** Events that are right, and that a hasty receiver would get wrong. */
export function writeOddities(chats: readonly Chat[], random: Random): Line[] {
  const [first, second, third] = chats.filter(({ site, missed }) => site === outdoor && missed === 0);
  if (!first || !second || !third) throw new Error('The day has too few chats.');
  return [longChat(first, random), strangeChat(second, random), botOnlyChat(random), ...corrections(third, random)];
}

/** A visitor pastes the whole log of a GPS device: a transcript of about 60 KB. */
function longChat(like: Chat, random: Random): Line {
  const log = Array.from({ length: 880 }, (_, n) => {
    const time = dateTime(timeOfDay(6) + n * 15_000);
    const [lat, lon] = [54.4 + n / 9_000, -3.2 - n / 11_000].map((degrees) => degrees.toFixed(5));
    return `${time} fix=3D sats=${random.between(5, 12)} lat=${lat} lon=${lon} alt=${random.between(90, 640)}m`;
  });
  const turns = [
    { by: 'V', text: 'My GPS jumps around on every walk since the update. I can paste the log if that helps?' },
    { by: 'A', text: 'Please do, as much as you have.' },
    { by: 'V', text: log.join('\n') },
    {
      by: 'A',
      text: 'Thank you! It loses satellites each time it records at 15 s. Set it to 1 s, the update reset that. 🛰️',
    },
    { by: 'V', text: 'That was it. Sorry for the wall of text 😅' },
  ] as const;
  const start = timeOfDay(15, 3);
  const conversation = { title: 'GPS log', languages: [], turns };
  return writeChat({ ...like, id: '4004901', number: 4_004_901, conversation, start, end: start + 700_000 }, random);
}

/**
 * A chat as another version of the chat server sends it: not nested, a NUL and half an emoji in the text (it cuts names after
 * 24 UTF-16 units), an enum's name instead of its number, unknown numbers, corrected spelling, keys that nobody knows yet.
 */
function strangeChat(like: Chat, random: Random): Line {
  const line = writeChat({ ...like, id: '4004902', number: 4_004_902 }, random);
  const { Chat: chat, Visitor: visitor } = line.data;
  const { LasMessageSendBy: lastBy, CustomVariable: variables, ...rest } = asFields(chat);
  return {
    ...line,
    data: {
      ...rest,
      PreChatName: 'Wilhelmina of the Fells \ud83c',
      PreChatCompany: 'Lakeland\u0000Guides',
      PreChatPhone: '',
      SocialMediaSource: 'Facebook',
      ChatSource: 9,
      LastMessageSendBy: lastBy ?? -1,
      CustomVariables: variables ?? null,
      End: `${instant(line.at).slice(0, 19)}+00:00`,
      Cobrowse: { Start: MIN_VALUE, End: MIN_VALUE, Status: 0 },
      QueueWaitSeconds: 34,
      Browser: { Name: 'Firefox', Major: 145 },
      Visitor: visitor ?? null,
    },
  };
}

/** A chat with the bot alone, with nothing in it that the class does not force it to have. */
function botOnlyChat(random: Random): Line {
  const at = timeOfDay(3, 12, 9);
  return {
    at,
    type: 'Chat.Ended',
    receivedAt: instant(at),
    data: {
      ChatId: '8006901',
      SessionId: BigInt(random.digits(9)),
      SiteId: tea.id,
      AgentIds: null,
      Start: MIN_VALUE,
      End: dateTime(at),
      content: '[03:11:40] 访客: 你们周末营业吗？\n[03:11:41] 小茶: 周末照常营业，9:00–22:00。\n[03:12:02] 访客: 👌',
      SocialMediaSource: 0,
      ChatType: 1,
      MissedChatStatus: 0,
      RequestTime: MIN_VALUE,
      VisitorMessageNum: 2,
      AgentMessageNum: 0,
      AgentAvgResponseTime: { double: 0 },
      LasMessageSendBy: 0,
      IfNewTicket: false,
      TicketId: '',
      RatingGrade: 0,
      Cobrowse: null,
      BotActions: [],
    },
  };
}

/** Second thoughts: the later one holds, whatever comes first. And a rating of a chat that was yesterday. */
function corrections(chat: Chat, random: Random): Line[] {
  const { id, number, site, end } = chat;
  const rating = (name: string, at: number, grade: number, comment: string | null): Line => ({
    at: at - 900_000, // it overtakes
    type: 'Visitor.Rating',
    id: `rating-${number}-${name}`,
    receivedAt: instant(at),
    data: { SiteId: site.id, ChatId: number, ChatGuid: null, ratingGrade: grade, ratingComment: comment },
  });
  const again = writeChat({ ...chat, end: end + 120_000 }, random);
  const agentId = chat.agent?.id ?? 0;
  const wrapUp = { SiteId: site.id, AgentId: agentId, ChatId: number, CategoryId: 4, CategoryList: null };
  return [
    { ...again, id: `${id}-reopened` },
    rating('first', end + 1_000_000, 2, 'Still waiting...'),
    rating('second', end + 1_400_000, 5, 'The replacement came! 🎉'),
    rating('closed-window', end + 1_500_000, 0, null),
    {
      at: end + 4_000_000,
      type: 'Agent.Wrapup',
      id: `wrapup-${number}-corrected`,
      receivedAt: instant(end + 4_000_000),
      data: {
        ...wrapUp,
        Comment: 'Second parcel sent, customer happy.',
        SubmitTime: dateTime(end + 3_990_000),
        CustomFields: [],
      },
    },
    {
      at: timeOfDay(6, 40),
      type: 'Visitor.Rating',
      id: 'rating-yesterday',
      receivedAt: instant(timeOfDay(6, 40)),
      data: {
        SiteId: travel.id,
        ChatId: 12_017_803,
        ChatGuid: '5f0c3a1e-77d2-4b1a-9e55-0c9d8a61f2aa',
        ratingGrade: 4,
        ratingComment: 'أمس كان الدردشة مفيدة\u0000، شكراً',
        CustomFields: [],
        CustomVariables: [{ Id: 8, Name: 'trip', value: 'رودس', url: null }],
      },
    },
    {
      at: timeOfDay(16, 5),
      type: 'Agent.Ban',
      receivedAt: instant(timeOfDay(16, 5)),
      data: {
        SiteId: travel.id,
        AgentId: 78,
        BanType: 1,
        IpFromOrVisitorId: '198.51.100.23',
        IpTo: 0,
        Comment: 'ספאם 🚫 رسائل مزعجة',
        OperatorId: 0,
      },
    },
  ];
}

/** What has to be refused at the door, as text: the last one is cut off in the middle. */
export function invalidLines(chats: readonly Chat[], random: Random): string[] {
  const [chat] = chats;
  if (chat === undefined) throw new Error('The day has no chats.');
  const good = writeChat({ ...chat, id: '4004950', number: 4_004_950 }, random);
  const { SiteId: _site, ...noSite } = asFields(good.data.Chat);
  const { ChatId: _id, ...noChatId } = asFields(good.data.Chat);
  const broken = (change: Partial<Line>): string => lineText({ ...good, ...change });
  const text = lineText(good);
  return [
    broken({
      data: { ...good.data, Chat: { ...asFields(good.data.Chat), VisitorMessageNum: 'many', Start: 'this morning' } },
    }),
    broken({ data: { ...good.data, Chat: noSite } }),
    broken({ data: { ...good.data, Chat: noChatId } }),
    broken({ type: 'Chat.Reopened' }),
    broken({ type: 'Visitor.Rating', data: { SiteId: tea.id, ratingGrade: 5, ratingComment: '好' } }),
    broken({ type: 'AgentStatus.Log', data: { SiteId: tea.id, AgentId: 'Grace 林', Stauts: true, Time: '昨天' } }),
    broken({ type: 'Visit.Log', id: 'visits\n71', data: { SiteId: tea.id, CampainId: 71, VisitCount: 12 } }),
    '{"type":"Chat.Ended","receivedAt":"2026-11-20T11:02:44.000Z","data":"closed"}',
    text.slice(0, Math.floor(text.length / 2)),
  ];
}

/** The value of a property that this file's functions wrote as an object. */
function asFields(value: Fields[string] | undefined): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('Not an object.');
  return value as Fields; // an object that is no list; a double is never asked for here
}
