import { Command, CommanderError } from 'commander';
import { DeliveryFailure } from '../activities/failures';
import { addConnectionCommands } from './connections';
import { addDoctorCommand } from './doctor';
import { addEventCommands } from './events';
import { addJournalCommands } from './journal';
import { openOps } from './open-ops';
import { CommandFailure } from './output';
import { addSubscriptionCommands } from './subscriptions';

/** The operator's command line. Exit code: 0 done, 1 failed, 2 wrong call. */
async function main(): Promise<void> {
  const ops = await openOps();
  const program = new Command('npm run ops --')
    .description(
      'Connections, subscriptions, events, the journal of a publisher, and a doctor. Works on DATABASE_URL and TEMPORAL_ADDRESS, else on what npm start runs.',
    )
    .showHelpAfterError()
    .exitOverride();
  addConnectionCommands(program, ops);
  addSubscriptionCommands(program, ops);
  addEventCommands(program, ops);
  addJournalCommands(program, ops);
  addDoctorCommand(program, ops);
  try {
    await program.parseAsync();
  } finally {
    await ops.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has said why
  process.stderr.write(`${explain(error)}\n`);
  return 1;
}

function explain(error: unknown): string {
  if (error instanceof CommandFailure) return error.message;
  if (error instanceof DeliveryFailure) return `${error.type}: ${error.message} ${JSON.stringify(error.details)}`;
  const { name, message } = error as Partial<Error>;
  return `${name}: ${message}`;
}

void main()
  .then(() => 0, exitCodeOf)
  .then((code) => process.exit(code));
