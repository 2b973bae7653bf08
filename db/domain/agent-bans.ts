import type { ChatEvent } from '../../events/catalogue';
import { eventKeyOf, type EventTable } from './event-row';

/** The bans of visitors and addresses: one row each. */
export const agentBans: EventTable<'Agent.Ban'> = {
  table: 'agent_ban',
  rowsOf: (event) => [
    {
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      received_at: event.receivedAt,
      actor_id: event.data.actorId,
      agent_id: event.data.agentId,
      kind: event.data.target.kind,
      ...targetOf(event.data.target),
      comment: event.data.comment,
      extra: event.data.extra,
    },
  ],
};

const nothing = {
  visitor_id: null,
  ip: null,
  ip_to: null,
  unknown_kind: null,
  unknown_from: null,
  unknown_to: null,
};

function targetOf(target: ChatEvent<'Agent.Ban'>['data']['target']): Record<keyof typeof nothing, string | null> {
  switch (target.kind) {
    case 'visitor':
      return { ...nothing, visitor_id: target.visitorId };
    case 'ip':
      return { ...nothing, ip: target.ip };
    case 'ipRange':
      return { ...nothing, ip: target.from, ip_to: target.to };
    case 'unknown':
      return { ...nothing, unknown_kind: target.banType, unknown_from: target.from, unknown_to: target.to };
  }
}
