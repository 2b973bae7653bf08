import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { listConnections } from '../db/connections';
import { countDelivered, type ResendSelection } from '../db/resend-deliveries';
import type { Tx } from '../db/tx';
import type { Resent } from '../workflows/resend-deliveries';
import { checkSite } from './check-site';
import { findConnection } from './find-connection';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';
import { readEventTypeOption, readSite, readTimeOrAge } from './read-input';
import { checkRate, rateOption, startResending } from './start-resuming';

interface Given extends JsonOption {
  readonly site?: string;
  readonly connection?: string;
  readonly type?: string;
  readonly queue?: string;
  readonly from?: string;
  readonly to?: string;
  readonly rate: number;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

/** The messages that one connection sends again. */
interface Target {
  /** `site/consumer/name`. */
  readonly connection: string;
  readonly selection: ResendSelection;
  readonly deliveries: number;
}

/** `ops deliveries resend`: sends delivered webhooks again, for a receiver that lost its data. */
export function addResendCommand(deliveries: Command, ops: Ops): void {
  deliveries
    .command('resend')
    .description('send delivered webhooks again with the same webhook-id, for a receiver that lost its data')
    .option('--site <id>', 'those of all webhook connections of this site', readSite)
    .option('--connection <name>', 'those of this connection: its id, or site/webhook/name')
    .option('--type <type>', 'those of this event type', readEventTypeOption)
    .option('--queue <name>', 'those of this data queue, with or without #n')
    .option('--from <time>', 'of events received since: ISO time, or an age such as 90m, 24h, 7d', readTimeOrAge)
    .option('--to <time>', 'before: the same; default: now', readTimeOrAge)
    .addOption(rateOption())
    .option('--dry-run', 'only count them')
    .option('--no-wait', 'end at once; the workflows go on')
    .option('--json', 'as JSON')
    .action((options: Given) => resend(options, ops));
}

async function resend({ rate, dryRun, wait, ...given }: Given, ops: Ops): Promise<void> {
  checkRate(rate);
  const { json } = given;
  const output: JsonOption = json === undefined ? {} : { json };
  const targets = (await findTargets(await ops.database(), given)).filter(({ deliveries }) => deliveries > 0);
  const total = targets.reduce((sum, { deliveries }) => sum + deliveries, 0);
  if (dryRun || total === 0) return printList(targets, COLUMNS, { json, empty: 'There is nothing to send again.' });
  const temporal = await ops.temporal();
  const started: (Target & { readonly workflowId: string; readonly handle: WorkflowHandle })[] = [];
  for (const target of targets) {
    const workflowId = `resend/${randomUUID()}`;
    const handle = await startResending(temporal, workflowId, { ...target.selection, rate });
    started.push({ ...target, workflowId, handle });
    const text = `The workflow ${workflowId} sends ${target.deliveries} deliveries of ${target.connection}, ${rate} per second.`;
    process.stderr.write(`${text} It goes on if this command is ended.\n`);
  }
  const begun = started.map(({ connection, workflowId, deliveries }) => ({ connection, workflowId, deliveries }));
  if (!wait) return printDone(`${total} deliveries are sent again.`, begun, output);
  const results = await Promise.all(started.map(async ({ handle }) => (await handle.result()) as Resent)); // its own type
  const sent = results.reduce((sum, one) => sum + one.sent, 0);
  const rejected = results.reduce((sum, one) => sum + one.rejected, 0);
  printDone(`Done: ${sent} sent again, ${rejected} refused for good.`, { sent, rejected, workflows: begun }, output);
}

async function findTargets(
  db: Tx,
  { site, connection, type, queue, from, to }: Pick<Given, 'site' | 'connection' | 'type' | 'queue' | 'from' | 'to'>,
): Promise<Target[]> {
  if (site === undefined && connection === undefined) throw new CommandFailure('Give --site or --connection.');
  await checkSite(db, site);
  const chosen =
    connection === undefined
      ? await listConnections(db, { siteId: site, consumer: 'webhook' })
      : [await findConnection(db, connection)];
  if (chosen.some(({ consumer }) => consumer !== 'webhook'))
    throw new CommandFailure(
      'Only webhooks can be sent again: a repeat of others would be a second mail, case or ticket.',
    );
  // Without an end it would send those again, too, that are delivered while it goes on.
  const until = to ?? new Date().toISOString();
  const targets: Target[] = [];
  for (const { id, siteId, consumer, name } of chosen) {
    const given = { connectionId: id, eventType: type, queue, from, to: until };
    const selection = JSON.parse(JSON.stringify(given)) as ResendSelection; // without undefined values
    const deliveries = await countDelivered(db, selection);
    targets.push({ connection: [siteId, consumer, name].join('/'), selection, deliveries });
  }
  return targets;
}

const COLUMNS: readonly Column<Target>[] = [
  { title: 'CONNECTION', of: ({ connection }) => connection },
  { title: 'DELIVERED', of: ({ deliveries }) => deliveries },
];
