import { InvalidArgumentError, Option, type Command } from 'commander';
import { Clusters } from '../client/clusters';
import { Installation } from '../client/installation';
import { JournalReader } from '../client/journal/journal-reader';
import { replayJournal, type ReplayCounts } from '../client/journal/replay-journal';
import { openLargeEventStore } from '../client/large-events';
import { readPayloadKeys } from '../client/payload-keys';
import { readClustersAlone, toClusterOptions } from '../workers/clusters';
import { checkJournal } from './journal-folder';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, type JsonOption } from './output';
import { readIsoTime } from './read-input';

interface Given extends JsonOption {
  readonly dir: string;
}

const dirOption = (): Option =>
  new Option('--dir <folder>', 'the journal: `dir` of its publisher').env('JOURNAL_DIR').makeOptionMandatory();

/** `ops journal ...`: the journal of a publisher. Neither command changes its files; the publisher may be running. */
export function addJournalCommands(journal: Command, ops: Ops): void {
  journal
    .command('status')
    .description('how many events are in it, and since when its kept files reach back')
    .addOption(dirOption())
    .option('--json', 'as JSON')
    .action(async ({ dir, ...options }: Given) => {
      const reader = await JournalReader.open(checkJournal(dir));
      try {
        const status = await readStatus(reader);
        printDone(describeStatus(status), status, options);
      } finally {
        await reader.close();
      }
    });

  journal
    .command('replay')
    .description(
      'after the database was restored from a backup: start every event that it does not know, until it knows all; it may be repeated',
    )
    .addOption(dirOption())
    .requiredOption(
      '--since <time>',
      'when the backup was made, ISO 8601; the command says when files of that time were deleted',
      readTime,
    )
    .option('--json', 'as JSON')
    .action(async ({ dir, since, ...options }: Given & { since: number }) => {
      const reader = await JournalReader.open(checkJournal(dir));
      const clusters = openClusters(await ops.environment(), dir);
      try {
        const { completeSince } = reader;
        const isKnown = completeSince !== null;
        if (!isKnown)
          say(
            'The file replayable-since is missing or unreadable: files with events of that time may have been deleted.',
          );
        else if (since < completeSince)
          say(
            `Files with events recorded before ${iso(completeSince)}, by this machine's clock, may have been deleted.`,
          );
        const counts = await replayJournal({ journal: reader, clusters, onProgress: showProgress() });
        const value = {
          since: iso(since),
          completeSince: isKnown ? iso(Math.max(since, completeSince)) : null,
          ...counts,
        };
        if (counts.mayBeIncomplete) say(MAY_BE_INCOMPLETE);
        printDone(describeReplay(counts), value, options);
      } finally {
        await clusters.close();
        await reader.close();
      }
    });
}

const MAY_BE_INCOMPLETE =
  'The database did not know all events of the earliest file that is kept, and files before it are deleted: ' +
  'look for events that were published shortly before, in journals of other publishers and in the chat server.';

function readTime(text: string): number {
  const time = readIsoTime(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('Expected a time such as 2026-11-26T01:30:00Z.');
  return time;
}

/** The clusters of a worker with this environment; no other variable of its configuration is needed. */
function openClusters(environment: NodeJS.ProcessEnv, journalDir: string): Clusters {
  const { TEMPORAL_ADDRESS: address, LARGE_EVENTS_DIR: largeEventsDir } = environment;
  if (!address) throw new CommandFailure('Nothing runs here. Use "npm start", or set TEMPORAL_ADDRESS.');
  const clusters = readClustersAlone(environment).map(toClusterOptions);
  const installation = new Installation(undefined, journalDir, true);
  const store = largeEventsDir ? openLargeEventStore(largeEventsDir) : undefined;
  return new Clusters(
    { clusters, installation, probeDeadlineMs: 2_000, takeoverAfterMs: 60_000 },
    { keys: readPayloadKeys(environment), store },
  );
}

async function readStatus(reader: JournalReader) {
  const { files, completeSince } = reader;
  const needed = files.filter(({ releasedAt }) => releasedAt === null);
  const kept = files.filter(({ releasedAt }) => releasedAt !== null);
  const bytes = (of: typeof files): number => of.reduce((sum, { size }) => sum + size, 0);
  let [events, oldest] = [0, Infinity];
  for (const file of needed) {
    for (const { publishedAt } of await reader.eventsOf(file)) {
      events += 1;
      oldest = Math.min(oldest, publishedAt);
    }
  }
  return {
    needed: { files: needed.length, bytes: bytes(needed), events, oldest: events === 0 ? null : iso(oldest) },
    kept: { files: kept.length, bytes: bytes(kept) },
    completeSince: completeSince === null ? null : iso(completeSince),
  };
}

function describeStatus({ needed, kept, completeSince }: Awaited<ReturnType<typeof readStatus>>): string {
  const oldest = needed.oldest === null ? '' : `, the oldest of ${needed.oldest}`;
  const [still, past] = [needed, kept].map(({ files, bytes }) => `${count(files, 'file')}, ${count(bytes, 'byte')}`);
  return [
    needed.files === 0
      ? 'No event waits to be recorded.'
      : `Still needed: ${still}, with ${count(needed.events, 'event')} of which some may not be recorded${oldest}.`,
    kept.files === 0
      ? 'No recorded event is kept for a replay.'
      : `Kept for a replay: ${past}; every event in there is recorded.`,
    completeSince === null
      ? 'The file replayable-since is missing or unreadable.'
      : `Every event that was recorded since ${completeSince} is still there.`,
  ].join('\n');
}

function describeReplay({ looked, known, missing, settled, refused }: ReplayCounts): string {
  const refusals = refused === 0 ? '' : ` ${refused} were refused at recording: see refused_event.`;
  return `${looked} events looked at: ${known} were known, ${missing} were missing, and ${settled} of those are recorded now.${refusals}`;
}

const EVERY_MS = 2_000;

/** Prints the counts every two seconds. A problem is printed once, and no counts until it is over, as they do not change. */
function showProgress(): (counts: ReplayCounts, problem?: string) => void {
  let [last, lastProblem] = [-Infinity, ''];
  return ({ looked, missing, settled }, problem = '') => {
    if (problem !== '' && problem !== lastProblem) say(problem);
    lastProblem = problem;
    if (problem !== '' || performance.now() - last < EVERY_MS) return;
    last = performance.now();
    say(`${looked} looked at, ${missing} missing, ${settled} of them recorded since`);
  };
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const iso = (time: number): string => new Date(time).toISOString();

/** On standard error, beside the result. */
const say = (text: string): boolean => process.stderr.write(`${text}\n`);
