import { table } from '../ops/output';
import type { Account } from './account';

const counts = ['implied', 'found', 'skipped', 'delivered', 'parked', 'discarded', 'pending', 'lost'] as const;

const meanings = `implied: deliveries that follow from accepted events      found: those whose effect is at the destination
skipped: those that ask nothing of it, such as a chat that is for no ticket
delivered, parked, discarded, pending: the states in the product's rows
lost: implied, but neither found nor skipped, parked or discarded`;

/** The account as a table for a person, one line per data queue. */
export function printAccount(account: Account): string {
  const { published, accepted, duplicates, refused, recorded, deliveries, lost, problems } = account;
  const queues = Object.entries(account.byQueue);
  const total = (count: (typeof counts)[number]): number => queues.reduce((sum, [, queue]) => sum + queue[count], 0);
  const rows = [...queues, ['all', Object.fromEntries(counts.map((count) => [count, total(count)]))] as const];
  const lines = table<(typeof rows)[number]>(rows, [
    { title: 'data queue', of: ([name]) => name },
    ...counts.map((count) => ({ title: count, of: ([, queue]: (typeof rows)[number]) => queue[count] ?? 0 })),
  ]);
  return [
    'The account',
    `  Events      ${published} published = ${accepted} accepted + ${duplicates} duplicates + ${refused} refused at the door; ${recorded} recorded`,
    `  Deliveries  ${total('implied')} implied; ${deliveries.delivered} delivered + ${deliveries.parked} parked + ${deliveries.discarded} discarded + ${deliveries.pending} pending`,
    '',
    ...lines.split('\n').map((line) => `  ${line}`),
    '',
    ...meanings.split('\n').map((text) => `  ${text}`),
    '',
    ...problems.map((problem) => `  Does not balance: ${problem}`),
    lost === 0 ? '  Lost: nothing.' : `  LOST: ${lost}. Look at the queues above whose last column is not 0.`,
  ].join('\n');
}
