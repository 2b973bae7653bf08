import type { RoutedDelivery } from '../activities/read-recorded';

/** What an operator reads in the Web UI about a run whose deliveries are parked: what, why, since when, what to do. Markdown. */
export function describeParked(key: string, deliveries: readonly RoutedDelivery[]): string {
  const parked = deliveries.filter(
    ({ state, mine, failureType }) => state === 'parked' && mine && failureType !== 'Paused',
  );
  if (parked.length === 0) return '';
  const rows = parked.map(
    ({ label, failureType, failureMessage, since }) => `| ${label} | ${failureType} | ${failureMessage} | ${since} |`,
  );
  return [
    `**${parked.length} of ${deliveries.length} deliveries of \`${key}\` are parked.**`,
    '',
    '| data queue | failure | why | since |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Remove the cause, then send the signal `redrive` (input: nothing for all, or a list such as `["' +
      `${parked[0]?.label}"]\`) to try again, or \`discard\` to give them up on the record.`,
  ].join('\n');
}
