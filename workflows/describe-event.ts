import type { RecordedEvent, RoutedDelivery } from '../activities/read-recorded';

/** What an operator reads in the Web UI about a run: its event, and what is parked, why, since when, what to do. Markdown. */
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
    'Remove the cause, then send the signal `redrive` (input: nothing for all, or a list such as `["' +
      `${parked[0]?.label}"]\`) to try again, or \`discard\` to give them up on the record.`,
  ].join('\n');
}
