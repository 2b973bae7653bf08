import type { Command } from 'commander';
import {
  insertSubscription,
  listSubscriptions,
  resumingWorkflowId,
  setSubscriptionState,
  type ListedSubscription,
} from '../db/subscriptions';
import { catalogue } from '../events/catalogue';
import type { ResumeInput } from '../workflows/resume-deliveries';
import { addFilterCommands, readFilter } from './filters';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';
import { readDataQueue, readSite, readSiteOrAll } from './read-input';
import { checkRate, noSuchQueue, rateOption, startResuming } from './start-resuming';

/** `ops subscriptions ...`: which events go to which consumer. */
export function addSubscriptionCommands(subscriptions: Command, ops: Ops): void {
  subscriptions
    .command('list')
    .description('all subscriptions, and how many deliveries wait for the paused ones')
    .option('--site <id>', 'those that hold for this site', readSite)
    .option('--json', 'as JSON')
    .action(async ({ site, json }: { site?: string; json?: boolean }) => {
      printList(await listSubscriptions(await ops.database(), site), COLUMNS, {
        json,
        empty: 'There is no subscription.',
      });
    });

  subscriptions
    .command('add')
    .description('add a data queue')
    .argument('<data-queue>', 'its name, such as Chat.Ended.Archive', readDataQueue)
    .requiredOption('--event-type <type>', 'the event')
    .requiredOption('--consumer <name>', 'who delivers it')
    .option('--site <id>', 'only for this site', readSiteOrAll, '*')
    .option('--filter <filter>', 'only the events that it takes: JSON, a file of it, or - for standard input')
    .option('--json', 'as JSON')
    .action(async (dataQueue: string, options: AddOptions) => {
      const { eventType, consumer, site } = options;
      if (!Object.hasOwn(catalogue, eventType))
        throw new CommandFailure(`There is no event ${eventType}; docs/events.md lists them.`);
      const consumers = Object.keys(await ops.consumers());
      if (!consumers.includes(consumer)) {
        throw new CommandFailure(`There is no consumer "${consumer}"; there is ${consumers.join(', ')}.`);
      }
      const db = await ops.database();
      const filter = options.filter === undefined ? null : await readFilter(options.filter, eventType);
      const row = { dataQueue, siteId: site, eventType, consumer, state: 'active', filter } as const;
      if (!(await insertSubscription(db, row)))
        throw new CommandFailure(`There is ${dataQueue} for ${site} already; see "subscriptions list".`);
      printDone(`Added. Events that are recorded from now on go to ${consumer}.`, row, options);
    });

  addFilterCommands(subscriptions, ops);

  subscriptions
    .command('pause')
    .description('park new deliveries until it is resumed')
    .argument('<data-queue>')
    .option('--site <id>', 'only for this site', readSiteOrAll, '*')
    .option('--json', 'as JSON')
    .action(async (dataQueue: string, { site, ...options }: JsonOption & { site: string }) => {
      if (!(await setSubscriptionState(await ops.database(), dataQueue, site, 'paused'))) throw noSuchQueue(dataQueue);
      const text = 'Paused. Deliveries are parked as Paused; "resume" sends them.';
      printDone(text, { dataQueue, siteId: site, state: 'paused' }, options);
    });

  subscriptions
    .command('resume')
    .description('send new deliveries, and the parked ones oldest first, at a rate')
    .argument('<data-queue>')
    .option('--site <id>', 'only for this site', readSiteOrAll, '*')
    .addOption(rateOption())
    .option('--json', 'as JSON')
    .action(async (dataQueue: string, { site, rate, ...options }: JsonOption & { site: string; rate: number }) => {
      checkRate(rate);
      const [db, temporal] = [await ops.database(), await ops.temporal()];
      if (!(await setSubscriptionState(db, dataQueue, site, 'resuming'))) throw noSuchQueue(dataQueue);
      const input: ResumeInput = {
        action: 'redrive',
        queue: dataQueue,
        failure: 'Paused',
        rate,
        resumes: site,
        ...(site !== '*' && { site }),
      };
      const workflowId = resumingWorkflowId(dataQueue, site);
      const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
      const started = await startResuming(temporal, workflowId, input)
        .then(() => true)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return false;
        });
      const does = started
        ? `sends the deliveries that waited, ${rate} per second`
        : 'is at it already, at the rate that it was given';
      const value = { dataQueue, siteId: site, state: 'resuming', workflowId, started };
      printDone(`Resumed. The workflow ${workflowId} ${does}.`, value, options);
    });
}

interface AddOptions extends JsonOption {
  readonly eventType: string;
  readonly consumer: string;
  readonly site: string;
  readonly filter?: string;
}

const COLUMNS: readonly Column<ListedSubscription>[] = [
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'EVENT', of: ({ eventType }) => eventType },
  { title: 'CONSUMER', of: ({ consumer }) => consumer },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'WAITING', of: ({ waiting }) => waiting },
  { title: 'FILTER', of: ({ filter }) => (filter === null ? '' : JSON.stringify(filter)) },
];
