import { Command, CommanderError } from 'commander';
import { DeliveryFailure } from '../activities/failures';
import { openOps, type Ops } from './open-ops';
import { CommandFailure, commandName } from './output';

interface Group {
  readonly about: string;
  /** Loads the code of the group's commands, which takes a second for some of them: only that of the group that is called. */
  readonly load: () => Promise<(group: Command, ops: Ops) => void>;
}

const groups: Readonly<Record<string, Group>> = {
  connections: {
    about: "the sites' accounts at destinations",
    load: async () => (await import('./connections.js')).addConnectionCommands,
  },
  subscriptions: {
    about: 'which events go to which consumer',
    load: async () => (await import('./subscriptions.js')).addSubscriptionCommands,
  },
  status: {
    about: 'unfinished deliveries, and tasks for a person; exit code 1 when there is a task',
    load: async () => (await import('./status.js')).addStatusCommand,
  },
  events: {
    about: 'find events, and show the state of one',
    load: async () => (await import('./events.js')).addEventCommands,
  },
  deliveries: {
    about: 'list deliveries; redrive or discard many',
    load: async () => (await import('./deliveries.js')).addDeliveryCommands,
  },
  erase: {
    about: "delete a person's data, or an event",
    load: async () => (await import('./erase.js')).addEraseCommand,
  },
  site: {
    about: 'remove a site',
    load: async () => (await import('./erase.js')).addSiteCommands,
  },
  account: {
    about: 'events and deliveries per site and hour, from acceptance to the end',
    load: async () => (await import('./account.js')).addAccountCommand,
  },
  reconcile: {
    about: 'compare journals, workflows and rows by key; exit code 1 when they differ',
    load: async () => (await import('./reconcile.js')).addReconcileCommand,
  },
  retention: {
    about: 'how many days events are kept; everything is kept until a rule says so',
    load: async () => (await import('./retention.js')).addRetentionCommands,
  },
  journal: {
    about: "the journal of a publisher; run it on the publisher's machine",
    load: async () => (await import('./journal.js')).addJournalCommands,
  },
  tokens: {
    about: "tokens of chat servers for a sidecar; run it on the sidecar's machine",
    load: async () => (await import('./tokens.js')).addTokenCommands,
  },
  releases: {
    about: 'which release of the workers has the tasks, on each cluster',
    load: async () => (await import('./releases.js')).addReleaseCommands,
  },
  doctor: {
    about: 'check both clusters, the database and this process for a worker with this environment',
    load: async () => (await import('./doctor.js')).addDoctorCommand,
  },
};

/**
 * The operator's command line, in this process: reads and writes its environment, standard input and standard output.
 *
 * @param args without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong call
 */
export async function runOps(args: readonly string[]): Promise<number> {
  try {
    await runCommand(args);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed the reason
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

async function runCommand(args: readonly string[]): Promise<void> {
  const ops = await openOps();
  const program = new Command(commandName())
    .description(
      "The operator's commands. Works on DATABASE_URL and TEMPORAL_ADDRESS, else on the servers of npm start.",
    )
    .showHelpAfterError()
    .exitOverride()
    .hook('preAction', (_, command) => checkSpan(command.opts()));
  for (const [name, { about, load }] of Object.entries(groups)) {
    const group = program.command(name).description(about);
    if (args.includes(name)) (await load())(group, ops);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    await ops.close();
  }
}

/** Commands with `--from` and `--to` have both as ISO times in UTC. In a span without time all would be well. */
function checkSpan({ from, to }: { readonly from?: string; readonly to?: string }): void {
  if (from !== undefined && to !== undefined && from >= to)
    throw new CommandFailure(`The span has no time: --from ${from} is not before --to ${to}.`);
}

function explain(error: unknown): string {
  if (error instanceof CommandFailure) return error.message;
  if (error instanceof DeliveryFailure)
    return `${error.type}: ${error.message} ${JSON.stringify(error.details)}\nA delivery would fail like this; the command itself tried once.`;
  const { name, message } = error as Partial<Error>;
  return `${name}: ${message}`;
}
