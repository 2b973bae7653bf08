import type { StateCounts } from '../activities/deliver/count-states';
import type { RecordedEvent, RoutedDelivery } from '../activities/record/recorded-event';

/** Markdown for the Web UI about a run: its event, and for each parked delivery why, since when, and what an operator does. */
export function describeEvent({ key, type, siteId }: RecordedEvent, deliveries: readonly RoutedDelivery[]): string {
  const title = `${type} of site ${siteId}: \`${key}\``;
  const parked = deliveries.filter(
    ({ state, mine, failureType }) => state === 'parked' && mine && failureType !== 'Paused',
  );
  if (parked.length === 0) return title;
  const rows = parked.map(
    ({ label, failureType, failureMessage, since }) => `| ${label} | ${failureType} | ${failureMessage} | ${since} |`,
  );
  return [
    title,
    '',
    `**${parked.length} of ${deliveries.length} deliveries are parked.**`,
    '',
    '| data queue | failure | why | since |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Remove the cause, then send the signal `redrive` (input: none for all, or a list such as `["' +
      `${parked[0]?.label}"]\`) to try again, or \`discard\` to give them up on the record.`,
    ...(parked.some(({ failureType }) => failureType === 'Unconfirmed') ? ['', MAY_HAVE_ARRIVED] : []),
  ].join('\n');
}

const MAY_HAVE_ARRIVED =
  'A delivery that is `Unconfirmed` was sent and may have arrived: look at its destination first. `redrive` sends it again only if its data queue is named.';

/** Markdown for the Web UI about a batch: its events and the states of their deliveries; nothing of the events' data. */
export function describeBatch(events: readonly RecordedEvent[], counts: StateCounts): string {
  const sites = new Set(events.map(({ siteId }) => siteId)).size;
  const types = countBy(events.map(({ type }) => type));
  const states = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `A batch: ${events.length} events of ${sites === 1 ? 'one site' : `${sites} sites`} in one workflow.`,
    '',
    '| event | how many |',
    '|---|---|',
    ...types.map(([type, count]) => `| ${type} | ${count} |`),
    '',
    `Deliveries: ${states.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'}.`,
    'A delivery that is parked, or still pending when the batch ends, goes on in the workflow of its event; `npm run ops -- events show KEY` names it.',
  ].join('\n');
}

function countBy(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
