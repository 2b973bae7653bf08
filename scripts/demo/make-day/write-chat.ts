import { dateTime, instant, MIN_VALUE } from './clock';
import type { Line } from './line';
import type { Fields } from './newtonsoft-text';
import type { Random } from './random';
import type { Conversation } from './read-prose';
import type { Agent, Site, Visitor } from './sites';
import { writeSalesforce } from './write-salesforce';

/** A chat of the day: who, when, about what. */
export interface Chat {
  readonly site: Site;
  readonly id: string;
  /** The chat server's other name for it, an int. */
  readonly number: number;
  readonly visitor: Visitor;
  /** Null: nobody answered. */
  readonly agent: Agent | null;
  readonly conversation: Conversation;
  readonly product: string;
  readonly order: string;
  /** Milliseconds of the day. */
  readonly start: number;
  readonly end: number;
  /** 0 normal, 1 refused by an agent, 2 missed, 3 became an offline message. */
  readonly missed: 0 | 1 | 2 | 3;
}

/** Chat.Ended of a chat, with the visitor, and the Salesforce part where the site has set it up. */
export function writeChat(chat: Chat, random: Random): Line {
  const rated = chat.missed === 0 && random.chance(0.15);
  return {
    at: chat.end,
    type: 'Chat.Ended',
    receivedAt: instant(chat.end),
    data: {
      Chat: {
        ...identity(chat, random),
        ...preChat(chat, random),
        ...talk(chat, random),
        ...ticketAndPage(chat, random),
        RatingGrade: rated ? random.between(3, 5) : 0,
        RatingComment: null,
        CustomFields: random.chance(0.4) ? [{ Id: 1, Name: 'Order number', Value: chat.order }] : [],
        CustomVariable: customVariables(chat, random),
        TransferLogs: transfers(chat, random),
        Attachments: attachments(chat, random),
        Cobrowse: cobrowse(chat, random),
        BotActions: botActions(chat, random),
      },
      Visitor: visitorFields(chat, random),
      ...writeSalesforce(chat, chat.site.id === 10001 && chat.missed === 0 && random.chance(0.3)),
    },
  };
}

function identity(chat: Chat, random: Random): Fields {
  return {
    ChatId: chat.id,
    SessionId: sessionId(chat.site, random),
    SiteId: chat.site.id,
    AgentIds: chat.agent === null ? [] : [chat.agent.id],
    Start: dateTime(chat.start, random.between(0, 9_999)),
    End: dateTime(chat.end, random.between(0, 9_999)),
  };
}

/** The camping shop's chat server counts sessions in ticks, which no JavaScript number can hold. */
export function sessionId(site: Site, random: Random): bigint {
  return BigInt(site.id === 10001 ? `6390${random.digits(14)}` : random.digits(9));
}

function preChat({ visitor, site, product, agent }: Chat, random: Random): Fields {
  const department = site.departments.find(({ id }) => id === agent?.departmentId);
  return {
    PreChatName: visitor.name,
    PreChatCompany: visitor.company,
    PreChatPhone: random.chance(0.3) ? `+${random.digits(2)} ${random.digits(3)} ${random.digits(6)}` : null,
    PreChatEmail: visitor.email,
    PreChatProductService: random.chance(0.6) ? product : null,
    PreChatDepartmentId: department?.id ?? 0,
    PreChatDepartmentName: department?.name ?? null,
  };
}

function talk(chat: Chat, random: Random): Fields {
  const { turns } = chat.conversation;
  const by = (who: string): number => turns.filter((turn) => turn.by === who).length;
  const last = turns.at(-1)?.by;
  return {
    AgentComment: null,
    content: transcript(chat, random),
    SocialMediaSource: random.chance(0.1) ? 1 : 0,
    SocialProfileUrl: null,
    ChatType: chat.site.bot !== null && random.chance(0.25) ? 2 : 0,
    IfAudioChatHappened: chat.agent !== null && random.chance(0.05),
    IfVideoChatHappened: false,
    ChatSource: random.pick([0, 0, 0, 1, 2]),
    MissedChatStatus: chat.missed,
    RequestTime: dateTime(chat.start - random.between(1_000, 90_000)),
    IfEnterQueue: chat.missed === 2 || random.chance(0.2),
    VisitorMessageNum: by('V'),
    AgentMessageNum: by('A'),
    AgentAvgResponseTime: { double: chat.agent === null ? 0 : random.between(40, 400) / 10 },
    LasMessageSendBy: last === 'V' ? 0 : last === 'A' ? 1 : last === 'S' ? 2 : -1,
  };
}

/** The whole talk as one text, one line per message. */
function transcript(chat: Chat, random: Random): string {
  const names = { V: chat.visitor.name, A: chat.agent?.name ?? '', S: 'System' };
  let time = chat.start;
  return chat.conversation.turns
    .map(({ by, text }) => {
      const line = `[${instant(time).slice(11, 19)}] ${names[by]}: ${text}`;
      time += random.between(6_000, 40_000);
      return line;
    })
    .join('\n');
}

function ticketAndPage({ site, missed }: Chat, random: Random): Fields {
  const isNew = missed === 0 && random.chance(0.25);
  const page = random.pick(site.pages);
  return {
    IfNewTicket: isNew,
    TicketId: !isNew && missed === 0 && random.chance(0.15) ? String(random.between(7_000, 7_400)) : null,
    RequestPageTitle: page.title,
    RequestPageUrl: site.host + page.path,
  };
}

function customVariables({ site }: Chat, random: Random): readonly Fields[] {
  if (random.chance(0.5)) return [];
  const basket = `${random.between(9, 480)}.${random.digits(2)}`;
  return [{ Id: 3, Name: 'basket', value: basket, url: `${site.host}/basket` }];
}

function transfers({ site, agent, start }: Chat, random: Random): readonly Fields[] {
  const from = random.pick(site.agents);
  if (agent === null || from.id === agent.id || random.chance(0.75)) return [];
  return [
    {
      Time: dateTime(start + 20_000),
      TransferType: 0,
      FromId: from.id,
      ToId: agent.id,
      AgentId: from.id,
      IfSuccess: true,
    },
  ];
}

function attachments({ site, conversation }: Chat, random: Random): readonly Fields[] | null {
  if (!conversation.turns.some(({ text }) => /photo|照片|上传/.test(text))) return random.chance(0.5) ? [] : null;
  const uid = random.guid();
  const FilePath = `D:\\chat\\files\\${site.id}\\20261120\\${uid}.jpg`;
  return [{ Uid: uid, FilePath, Url: `${site.host}/chat-files/${uid}.jpg`, IsNoteFile: false }];
}

function cobrowse({ start, end, agent }: Chat, random: Random): Fields | null {
  if (agent === null || random.chance(0.85)) return null;
  const accepted = random.chance(0.5);
  return {
    Start: accepted ? dateTime(start + 60_000) : MIN_VALUE,
    End: accepted ? dateTime(end - 5_000) : MIN_VALUE,
    Status: accepted ? 3 : 1,
  };
}

function botActions({ site, number, start, conversation }: Chat, random: Random): readonly Fields[] {
  const question = conversation.turns[0]?.text;
  if (site.bot === null || question === undefined || random.chance(0.75)) return [];
  const sure = random.chance(0.4);
  return [
    {
      Guid: random.guid(),
      ChatId: number,
      OriginalQuestion: question,
      StandardQuestionId: sure ? random.between(1, 60) : 0,
      BotAnswerType: sure ? 0 : 2,
      RateType: 0,
      IfDeleted: false,
      Time: dateTime(start - 15_000),
      IsAdd: false,
    },
  ];
}

function visitorFields({ visitor, site }: Chat, random: Random): Fields {
  const known = random.chance(0.5);
  return {
    Id: random.guid(),
    Country: visitor.country,
    City: visitor.city,
    TimeZone: site.timeZone,
    Language: visitor.language,
    LastName: known ? visitor.name : null,
    LastEmail: known ? visitor.email : null,
    RelatedType: known ? 3 : 0,
    RelatedId: known ? BigInt(`93${random.digits(17)}`) : 0,
    segmentIds: random.chance(0.3) ? [random.between(1, 9)] : [],
  };
}
