import type { StateCounts } from '../activities/deliver/finish-attempt';
import type { RecordedEvent, RoutedDelivery } from '../activities/record/recorded-event';
import { adviseOn } from './advice';

type Parked = RoutedDelivery & { readonly failureType: string };

/** Deliveries that are listed. */
const LISTED = 100;

/**
 * Markdown for the Web UI about a run: its event, the state of each delivery, and for each parked one why, since when, and how an
 * operator mends it. Lists, as the Web UI draws tables without space between the cells.
 */
export function describeEvent({ key, type, siteId }: RecordedEvent, deliveries: readonly RoutedDelivery[]): string {
  const title = `${type} site ${siteId} \`${key}\``; // the run that continues another one has no summary: its words
  const parked = deliveries.filter(
    (one): one is Parked =>
      one.state === 'parked' && one.mine && one.failureType !== undefined && one.failureType !== 'Paused',
  );
  const ids = new Set(parked.map(({ id }) => id));
  const others = deliveries.filter(({ id }) => !ids.has(id));
  const listed = others.slice(0, LISTED).map(({ label, state }) => `- ${label}: ${state}`);
  if (others.length > LISTED) listed.push(`- and ${others.length - LISTED} more`);
  if (parked.length === 0) return [title, '', ...listed].join('\n');
  const total = deliveries.length === 1 ? '1 delivery is' : `${deliveries.length} deliveries are`;
  return [
    title,
    '',
    `**${parked.length} of ${total} parked.**`,
    '',
    ...parked.map(describeParked),
    ...listed,
    '',
    ...groupAlike(parked).flatMap((group) => describeAdvice(group, siteId)),
    ofThisEvent(parked),
  ].join('\n');
}

/** Those with the same failure and connection together. */
function groupAlike(parked: readonly Parked[]): Parked[][] {
  const groups = new Map<string, Parked[]>();
  for (const one of parked) {
    const alike = JSON.stringify([one.failureType, one.connection]);
    groups.set(alike, [...(groups.get(alike) ?? []), one]);
  }
  return [...groups.values()];
}

const describeParked = ({ label, failureType, failureMessage, since }: Parked): string =>
  `- **${label}** since ${since}: ${failureType}: ${failureMessage?.replace(/\s+/g, ' ')}`;

function describeAdvice(group: readonly Parked[], siteId: string): string[] {
  const [{ failureType, connection } = { failureType: '', connection: undefined }] = group;
  const labels = group.map(({ label }) => label);
  const { text, commands, section } = adviseOn({ failureType, connection, siteId, labels });
  const of = connection === undefined ? '' : ` of the connection \`${connection}\``;
  return [
    `**${failureType}**${of} (${labels.join(', ')}): ${text} More: docs/runbook.md, section _${section}_.`,
    '',
    '```',
    ...commands.map((command) => `chat-events-ops ${command}`),
    '```',
    '',
  ];
}

/** A delivery that a connection holds back is not redriven: it would be parked again. */
function ofThisEvent(parked: readonly Parked[]): string {
  const labels = parked.filter(({ failureType }) => failureType !== 'ConnectionBroken').map(({ label }) => label);
  if (labels.length === 0) return 'To give this event up instead: send the update `discard`.';
  return `The commands are for all that is parked alike. For this event alone: send the update \`redrive\` or \`discard\`, with \`${JSON.stringify(labels)}\` as input.`;
}

/** Markdown for the Web UI about a batch: its events and the states of their deliveries; nothing of the events' data. */
export function describeBatch(events: readonly RecordedEvent[], counts: StateCounts): string {
  const sites = new Set(events.map(({ siteId }) => siteId)).size;
  const types = countBy(events.map(({ type }) => type));
  const states = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `A batch: ${events.length} events of ${sites === 1 ? 'one site' : `${sites} sites`} in one workflow.`,
    '',
    ...types.map(([type, count]) => `- ${count} ${type}`),
    '',
    `Deliveries: ${states.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'}.`,
    'A delivery that is parked, or still pending when the batch ends, goes on in the workflow of its event; `chat-events-ops events show KEY` names it.',
  ].join('\n');
}

function countBy(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
