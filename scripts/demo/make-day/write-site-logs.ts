import { dateTime, instant, timeOfDay } from './clock';
import type { Line } from './line';
import type { Random } from './random';
import type { Prose } from './read-prose';
import type { Site } from './sites';

/** What the chat server of a site logs through the day, apart from its chats. */
export function writeSiteLogs(site: Site, prose: Prose, random: Random): Line[] {
  return [
    ...agentStatuses(site, random),
    ...queueLogs(site, random),
    ...privateMessages(site, prose, random),
    ...visits(site, random),
    ...autoInvitations(site, random),
    ...manualInvitations(site, random),
    ...preferences(site, random),
    ...bans(site, random),
  ];
}

/** Agents come (1), go away for lunch (2), come back (1) and leave (0). */
function agentStatuses(site: Site, random: Random): Line[] {
  const noon = timeOfDay(Math.round((site.opens + site.closes) / 2));
  return site.agents.flatMap((agent) =>
    [
      { status: 1, at: timeOfDay(site.opens) - random.between(0, 900_000) },
      { status: 2, at: noon + random.between(-3_600_000, 0) },
      { status: 1, at: noon + random.between(600_000, 2_400_000) },
      { status: 0, at: timeOfDay(site.closes) + random.between(0, 600_000) },
    ].map(({ status, at }, n) => ({
      at,
      type: 'AgentStatus.Log',
      id: `status-${agent.id}-${n + 1}`,
      receivedAt: instant(at),
      data: { SiteId: site.id, AgentId: agent.id, Stauts: status, Time: dateTime(at, random.between(0, 9_999)) },
    })),
  );
}

/** How many wait per department, measured several times and sent together every two hours. The publisher mints the id. */
function queueLogs(site: Site, random: Random): Line[] {
  return everyHours(site, 2).map((at) => ({
    at,
    type: 'ChatQueue.Log',
    data: {
      SiteId: site.id,
      Messages: [40, 20, 0].flatMap((minutesAgo) =>
        site.departments.map(({ id }) => ({
          DepartmentId: id,
          NumberOfQueue: random.between(0, 5),
          LogTime: dateTime(at - timeOfDay(0, minutesAgo)),
        })),
      ),
    },
  }));
}

/** Pairs of messages: one asks, another answers. */
function privateMessages(site: Site, prose: Prose, random: Random): Line[] {
  const pairs = prose.privateMessages.length / 2;
  return Array.from({ length: pairs }, (_, n) => {
    const at = timeOfDay(site.opens + 1 + n * 2, random.between(0, 59));
    const from = site.agents[n % site.agents.length] ?? site.agents[0];
    const to = site.agents[(n + 1) % site.agents.length] ?? site.agents[0];
    return {
      at,
      type: 'PrivateMessage.Log',
      id: `pm-${site.id}-${n + 1}`,
      receivedAt: instant(at),
      data: {
        SiteId: site.id,
        Messages: [
          {
            FromAgentId: from.id,
            ToAgentId: to.id,
            Time: dateTime(at - 30_000),
            Content: prose.privateMessages[2 * n] ?? '',
          },
          {
            FromAgentId: to.id,
            ToAgentId: from.id,
            Time: dateTime(at),
            Content: prose.privateMessages[2 * n + 1] ?? '',
          },
        ].map((message, i) => ({ ...message, AttachmentGuid: n === 2 && i === 1 ? random.guid() : null })),
      },
    };
  });
}

/** Page visits since the last report, per campaign. */
function visits(site: Site, random: Random): Line[] {
  return everyHours(site, 4).flatMap((at, n) =>
    site.campaigns.map((campaign) => ({
      at,
      type: 'Visit.Log',
      id: `visits-${campaign}-${n + 1}`,
      receivedAt: instant(at),
      data: { SiteId: site.id, CampainId: campaign, VisitCount: random.between(12, 900) },
    })),
  );
}

function autoInvitations(site: Site, random: Random): Line[] {
  return everyHours(site, 4).map((at, n) => ({
    at,
    type: 'AutoInvitation.Log',
    id: `auto-${site.id}-${n + 1}`,
    receivedAt: instant(at),
    data: {
      SiteId: site.id,
      Logs: site.campaigns.map((campaign) => {
        const shown = random.between(5, 120);
        const accepted = random.between(0, Math.floor(shown / 4));
        return {
          CampainId: campaign,
          InvitaionId: campaign * 10 + 1,
          SetNumber: shown,
          AcceptNumber: accepted,
          RefuseNumber: random.between(0, shown - accepted),
          Time: dateTime(at),
        };
      }),
    },
  }));
}

function manualInvitations(site: Site, random: Random): Line[] {
  const message =
    { 10001: 'Can I help you choose?', 20017: '您好，需要帮忙吗？' }[site.id] ?? 'أهلاً! هل أساعدك؟ אפשר לעזור?';
  return everyHours(site, 5).map((at, n) => ({
    at,
    type: 'ManualInvitation.Log',
    id: `manual-${site.id}-${n + 1}`,
    receivedAt: instant(at),
    data: {
      SiteId: site.id,
      Logs: site.agents.slice(0, 2).map((agent) => {
        const status = random.between(0, 2);
        return {
          AgentId: agent.id,
          Status: status,
          TranscriptType: status === 1 ? 0 : 2,
          TranscriptId: status === 1 ? site.id * 400 + 1_120 + random.between(0, 20) : 0,
          Message: message,
        };
      }),
    },
  }));
}

/** Columns of an agent's visitor list. The first agent changes her mind: the later one holds. */
function preferences(site: Site, random: Random): Line[] {
  const changes = [...site.agents.slice(0, 2), site.agents[0]];
  return changes.map((agent, n) => {
    const at = timeOfDay(site.opens, 20 + 25 * n);
    return {
      at,
      type: 'Agent.SavePreference',
      id: `columns-${agent.id}-${n + 1}`,
      receivedAt: instant(at),
      data: {
        SiteId: site.id,
        AgentId: agent.id,
        Columns: [1, 2, 5, 9, 100].map((column) => ({
          EnumColumn: column,
          IfVisible: random.chance(0.7),
          Width: random.between(6, 30) * 10,
          CustomVariableId: column === 100 ? 3 : 0,
        })),
      },
    };
  });
}

/** A visitor by id, one address, and a range of addresses. */
function bans(site: Site, random: Random): Line[] {
  const ip = BigInt(203) * 2n ** 24n + 113n * 2n ** 8n + BigInt(random.between(1, 200)); // 203.0.113.x, for documentation
  const kinds = [
    { BanType: 0, IpFromOrVisitorId: BigInt(`91${random.digits(17)}`), IpTo: 0n, Comment: 'Insults in every chat' },
    { BanType: 1, IpFromOrVisitorId: ip, IpTo: 0n, Comment: '广告机器人' },
    { BanType: 2, IpFromOrVisitorId: ip - (ip % 8n), IpTo: ip - (ip % 8n) + 7n, Comment: null },
  ];
  return kinds.map((ban, n) => {
    const at = timeOfDay(site.opens + 2 + 3 * n, random.between(0, 59));
    const agentId = random.pick(site.agents).id;
    return {
      at,
      type: 'Agent.Ban',
      id: `ban-${site.id}-${n + 1}`,
      receivedAt: instant(at),
      data: { SiteId: site.id, AgentId: agentId, ...ban, OperatorId: n === 1 ? agentId : 0 },
    };
  });
}

function everyHours(site: Site, hours: number): number[] {
  const times = [];
  for (let hour = site.opens + hours; hour <= site.closes; hour += hours) times.push(timeOfDay(hour));
  return times;
}
