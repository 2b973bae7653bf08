import type { ChatEvent } from '../events/catalogue';
import { eventOf } from './domain-database';

/** Events that meet each other in every table where the latest wins or numbers are added. */
export function meetingEvents(subject: number): ChatEvent[] {
  const times = ['10:00:00', '10:00:00', '11:00:00'];
  const SiteId = 7;
  return times.flatMap((at, index) => {
    const id = `${subject}-${index}`;
    const actions = Array(index).fill({ Guid: id });
    const columns = Array(index).fill({ EnumColumn: index });
    const comment = index === 1 ? '' : id;
    const chat = { ChatId: `${subject}`, SiteId, content: id, RatingGrade: index, AgentComment: comment };
    const visitor = { Id: subject, City: id, LastName: id };
    const invitation = { CampainId: 1, InvitaionId: subject, SetNumber: 10 ** index };
    return [
      eventOf('Chat.Ended', { Chat: { ...chat, BotActions: actions }, Visitor: visitor }, at, id),
      eventOf('OfflineMessage.Submit', { SiteId, visitorId: subject, City: `offline ${id}` }, at, id),
      eventOf('Visitor.Rating', { SiteId, ChatGuid: subject, ratingGrade: 2 - index, ratingComment: id }, at, id),
      eventOf('Agent.Wrapup', { SiteId, ChatId: subject, AgentId: index, Comment: comment }, at, id),
      eventOf('Agent.SavePreference', { SiteId, AgentId: subject, Columns: columns }, at, id),
      eventOf('Visit.Log', { SiteId, CampainId: subject, VisitCount: 10 ** index }, at, id),
      eventOf('AutoInvitation.Log', { SiteId, Logs: [invitation, invitation] }, at, id),
    ];
  });
}
