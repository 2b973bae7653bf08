import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Option, type Command } from 'commander';
import {
  insertSubscription,
  listSubscriptions,
  setSubscriptionState,
  type ListedSubscription,
} from '../db/subscriptions';
import { catalogue } from '../events/catalogue';
import { TASK_QUEUE } from '../workflows/constants';
import type { ResumeInput } from '../workflows/resume-deliveries';
import type { Ops } from './open-ops';
import { CommandFailure, print, printList, type Column } from './output';
import { readPositive } from './read-input';

/** `ops subscriptions ...`: which events go to which consumer. */
export function addSubscriptionCommands(program: Command, ops: Ops): void {
  const subscriptions = program.command('subscriptions').description('which events go to which consumer');

  subscriptions
    .command('list')
    .description('all subscriptions, and what waits for those that are paused')
    .option('--site <id>', 'those that hold for this site')
    .option('--json', 'as JSON')
    .action(async ({ site, json }: { site?: string; json?: boolean }) => {
      printList(await listSubscriptions(await ops.database(), site), COLUMNS, { json, empty: 'There is none.' });
    });

  subscriptions
    .command('add')
    .description('add a data queue')
    .argument('<data-queue>', 'its name, such as Chat.Ended.Archive')
    .requiredOption('--event-type <type>', 'the event')
    .requiredOption('--consumer <name>', 'who delivers it')
    .option('--site <id>', 'only for this site', '*')
    .action(async (dataQueue: string, options: { eventType: string; consumer: string; site: string }) => {
      const { eventType, consumer, site } = options;
      if (!Object.hasOwn(catalogue, eventType)) throw new CommandFailure(`There is no event ${eventType}.`);
      if (!ops.consumerNames.includes(consumer)) {
        throw new CommandFailure(`There is no "${consumer}"; there is ${ops.consumerNames.join(', ')}.`);
      }
      const db = await ops.database();
      const row = { dataQueue, siteId: site, eventType, consumer, state: 'active' } as const;
      if (!(await insertSubscription(db, row))) throw new CommandFailure(`There is ${dataQueue} for ${site} already.`);
      print(`Added. Events that are recorded from now on go to ${consumer}.`);
    });

  subscriptions
    .command('pause')
    .description('park what comes until it is resumed')
    .argument('<data-queue>')
    .option('--site <id>', 'only for this site', '*')
    .action(async (dataQueue: string, { site }: { site: string }) => {
      if (!(await setSubscriptionState(await ops.database(), dataQueue, site, 'paused'))) throw noSuch(dataQueue);
      print('Paused. Deliveries are parked as Paused; "resume" sends them.');
    });

  subscriptions
    .command('resume')
    .description('send what comes, and what waited: oldest first, at a rate')
    .argument('<data-queue>')
    .option('--site <id>', 'only for this site', '*')
    .addOption(new Option('--rate <n>', 'deliveries per second').argParser(readPositive).default(20))
    .action(async (dataQueue: string, { site, rate }: { site: string; rate: number }) => {
      if (rate > 1_000) throw new CommandFailure('--rate: expected at most 1000 per second.');
      const [db, temporal] = [await ops.database(), await ops.temporal()];
      if (!(await setSubscriptionState(db, dataQueue, site, 'resuming'))) throw noSuch(dataQueue);
      const input: ResumeInput = {
        action: 'redrive',
        queue: dataQueue,
        failure: 'Paused',
        rate,
        resumes: site,
        ...(site !== '*' && { site }),
      };
      const workflowId = `resume/${dataQueue}/${site}`;
      const started = await temporal.workflow
        .start('resumeDeliveries', { taskQueue: TASK_QUEUE, workflowId, args: [input] })
        .then(() => `sends what waited, ${rate} per second`)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return 'is at it already, at the rate that it was given';
        });
      print(`Resumed. The workflow ${workflowId} ${started}.`);
    });
}

const COLUMNS: readonly Column<ListedSubscription>[] = [
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'EVENT', of: ({ eventType }) => eventType },
  { title: 'CONSUMER', of: ({ consumer }) => consumer },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'WAITING', of: ({ waiting }) => waiting },
];

const noSuch = (dataQueue: string): CommandFailure =>
  new CommandFailure(`There is no data queue ${dataQueue}; see "subscriptions list".`);
