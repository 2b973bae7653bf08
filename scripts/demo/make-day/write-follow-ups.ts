import { dateTime, instant } from './clock';
import type { Line } from './line';
import type { Random } from './random';
import type { Prose } from './read-prose';
import type { Chat } from './write-chat';

/** What comes of a chat that was answered: canned messages, a rating, a wrap-up, sometimes a sale. */
export function writeFollowUps(chat: Chat, prose: Prose, random: Random): Line[] {
  const { agent } = chat;
  if (agent === null) return [];
  return [
    ...(random.chance(0.45) ? [cannedMessage(chat, agent.id, random)] : []),
    ...(random.chance(0.45) ? [rating(chat, prose, random)] : []),
    ...(random.chance(0.45) ? [wrapUp(chat, agent.id, prose, random)] : []),
    ...(random.chance(0.15) ? [conversion(chat, agent.id, agent.departmentId, random)] : []),
  ];
}

function cannedMessage({ site, number, start }: Chat, agentId: number, random: Random): Line {
  const at = start + random.between(5_000, 60_000);
  return {
    at,
    type: 'CannedMessage.UseLog',
    id: `canned-${number}-${random.digits(4)}`,
    receivedAt: instant(at),
    data: {
      SiteId: site.id,
      ChatId: number,
      AgentId: agentId,
      CannedMessgeId: random.between(300, 340),
      Time: dateTime(at, random.between(0, 9_999)),
    },
  };
}

/** Half of the ratings are sent from the chat window before the chat is over. */
function rating({ site, id, number, end, order }: Chat, prose: Prose, random: Random): Line {
  const at = random.chance(0.5) ? end - random.between(1_000, 20_000) : end + random.between(2_000, 600_000);
  const comment = random.pick(prose.ratings);
  return {
    at,
    type: 'Visitor.Rating',
    id: `rating-${number}`,
    receivedAt: instant(at),
    data: {
      SiteId: site.id,
      ChatId: number,
      ChatGuid: id.includes('-') ? id : null,
      ratingGrade: random.pick([5, 5, 5, 4, 4, 3, 2, 1]),
      ratingComment: comment === '' ? null : comment,
      CustomFields: random.chance(0.3) ? [{ Id: 1, Name: 'Order number', Value: order }] : null,
      CustomVariables: null,
    },
  };
}

function wrapUp({ site, number, end }: Chat, agentId: number, prose: Prose, random: Random): Line {
  const at = end + random.between(15_000, 3_600_000);
  const category = random.between(1, 6);
  return {
    at,
    type: 'Agent.Wrapup',
    id: `wrapup-${number}-${agentId}`,
    receivedAt: instant(at),
    data: {
      SiteId: site.id,
      AgentId: agentId,
      ChatId: number,
      CategoryId: category,
      CategoryList: random.chance(0.3) ? [category, random.between(7, 9)] : [category],
      Comment: random.pick(prose.wrapUps),
      SubmitTime: dateTime(at, random.between(0, 9_999)),
      CustomFields: [],
    },
  };
}

function conversion(chat: Chat, agentId: number, departmentId: number, random: Random): Line {
  const at = chat.end + random.between(60_000, 1_800_000);
  return {
    at,
    type: 'Conversion.Log',
    id: `conversion-${chat.number}`,
    receivedAt: instant(at),
    data: {
      SiteId: chat.site.id,
      Logs: [
        {
          Id: random.chance(0.2) ? 0 : random.between(9_000, 9_999),
          ConversionId: 2,
          ConversionName: random.pick(['Order placed', '下单', 'حجز مؤكد']),
          VisitorId: BigInt(`72${random.digits(16)}`),
          CookIdenitityId: BigInt(`55${random.digits(17)}`),
          ChatId: chat.number,
          DepartmentId: departmentId,
          RelatedOperatorId: agentId,
          AppendInfo: chat.order,
          ConversionValue: { double: random.between(900, 52_000) / 100 },
          CreateTime: dateTime(at, random.between(0, 9_999)),
          HasAddToDatabase: false,
          CurrentChatId: chat.number,
          CurrentDepartmentId: departmentId,
          ConversionAccelerateType: random.between(0, 1),
        },
      ],
    },
  };
}
