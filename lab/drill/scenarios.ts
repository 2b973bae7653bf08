import { chaos } from './chaos';
import { SITES } from '../make-events';
import { breakAndPause, mendAndRedrive } from './operator-steps';
import { copyDatabase, replayJournals, restoreDatabase } from './restore-steps';
import { FIRST, LATER, opsReleases, startLaterWorkers } from './release-steps';
import { USUAL_SHARE, type Scenario } from './scenario';
import {
  answerNames,
  cutNetwork,
  empty,
  endSessions,
  freeze,
  healNetwork,
  kill,
  killPublisher,
  killWorkers,
  shutDownPostgres,
  silenceNames,
  start,
  startPublisher,
  startWorkers,
  thaw,
  times,
  upgrade,
  wait,
} from './steps';

/** Ahead of all others. */
const FIVE_MINUTES = 5 * 60_000;

type Others = Omit<Scenario, 'number' | 'name' | 'what' | 'steps'>;

const scenario = (
  number: string,
  name: string,
  what: string,
  steps: Scenario['steps'],
  others: Others = {},
): Scenario => ({ number, name, what, steps, ...others });

const killedFor20s = [kill('main'), wait(20), start('main')];
const lostFor20s = [kill('main'), empty('main'), wait(20), start('main')];
const stoppedFor30s = [freeze('main'), wait(30), thaw('main')];
const bothFor30s = [kill('main'), kill('standby'), wait(30), start('main'), start('standby')];
const cutFor30s = [cutNetwork(), wait(30), healNetwork()];
const postgresAwayFor = (seconds: number) => [kill('postgres'), wait(seconds), start('postgres')];
const postgresShutDown = [shutDownPostgres(), wait(1), start('postgres'), wait(3)];
const allWorkersTwice = times(2, [killWorkers(), startWorkers(), wait(5)]);

const byStandby = { expects: { otherSide: 'standby' } } as const;
const withoutJournal = { journalBytes: null };
const longAway = { tasksPerWaitingEvent: 2, settledWithinMs: { ofEnd: 120_000 } };
const operated = { before: [breakAndPause()], after: [mendAndRedrive('main')] };

const UNDER_WAY = 'while batches, parked and paused deliveries are under way';
/** More than the machine can do, so that events go in batches. */
const underWay = { load: { times: 4 }, ...operated };

/** Every scenario. The expectations of all are in expectations.ts: nothing lost, nothing done twice, nothing refused. */
export const scenarios: readonly Scenario[] = [
  scenario('1', 'main-killed', 'main SIGKILLed and started again after 20 s', killedFor20s, byStandby),
  scenario('1', 'main-killed-no-journal', 'the same without a journal', killedFor20s, {
    setUp: withoutJournal,
    expects: { otherSide: 'standby', acknowledgedWithinMs: 1_000, publishWithinMs: 1_000 },
  }),
  scenario('2', 'main-lost', 'main SIGKILLed and its data deleted, back empty after 20 s', lostFor20s, byStandby),
  scenario(
    '2',
    'main-never-back',
    'main SIGKILLed and its data deleted, never back',
    [kill('main'), empty('main'), wait(60)],
    { expects: { otherSide: 'standby', inFlightWithinMs: 90_000 } },
  ),
  scenario('3', 'main-stopped', 'main SIGSTOPped for 30 s', stoppedFor30s, byStandby),
  scenario('3', 'main-stopped-no-journal', 'the same without a journal', stoppedFor30s, {
    setUp: withoutJournal,
    // The deadline and the probe for the first.
    expects: { otherSide: 'standby', acknowledgedWithinMs: 4_200, publishWithinMs: 1_000 },
  }),
  scenario('4', 'both-killed', 'both clusters SIGKILLed and started again after 30 s', bothFor30s),
  scenario(
    '5',
    'main-flapping',
    'main SIGKILLed and started again every 3 s for a minute',
    times(10, [kill('main'), wait(3), start('main'), wait(3)]),
    { load: { seconds: 70 } },
  ),
  scenario(
    '6',
    'publisher-cut-off',
    'network between publisher and main cut for 30 s, workers still connected',
    cutFor30s,
    { setUp: { network: 'publishers' }, ...byStandby },
  ),
  scenario(
    '6',
    'workers-cut-off',
    'network between workers and main cut for 30 s, the publisher still connected',
    cutFor30s,
    { setUp: { network: 'workers' } },
  ),
  scenario(
    '6',
    'one-worker-cut-off',
    'network between one of two workers and main cut for five minutes',
    [cutNetwork(), wait(300), healNetwork()],
    { setUp: { network: 'first worker' }, load: { seconds: 310 }, expects: { nothingOnStandby: true } },
  ),
  scenario('7', 'publisher-killed', 'publisher SIGKILLed in the middle of a burst and started again on its journal', [
    killPublisher(),
    startPublisher(),
  ]),
  scenario('8', 'workers-killed', 'all workers SIGKILLed, twice', allWorkersTwice),
  scenario('9', 'postgres-killed', 'Postgres killed and started again', postgresAwayFor(5)),
  scenario('9', 'postgres-stopped', 'Postgres away for 60 s', postgresAwayFor(60), {
    load: { seconds: 75 },
    expects: longAway,
  }),
  scenario('9', 'postgres-stopped-long', 'Postgres away for ten minutes', postgresAwayFor(600), {
    byNameOnly: true,
    load: { seconds: 615 },
    expects: longAway,
  }),
  scenario(
    '9',
    'postgres-killed-often',
    'Postgres killed, its sessions ended, and shut down, again and again for a minute',
    times(6, [...postgresAwayFor(1), wait(3), endSessions(), wait(2), ...postgresShutDown]),
    { load: { seconds: 70 } },
  ),
  scenario('10', 'journal-full', 'the journal full (1 MiB) while Postgres is away for 20 s', postgresAwayFor(20), {
    setUp: { journalBytes: 1024 ** 2, padBytes: 28_000 },
    dropsRefused: true,
    expects: { refusedWith: ['JournalFull'] },
  }),
  scenario(
    '11',
    'database-restored',
    'the database restored to a copy that is 60 s old, then a replay of the journal',
    [copyDatabase(), wait(60), restoreDatabase(), replayJournals()],
    { load: { seconds: 75 } },
  ),
  scenario(
    '12',
    'worker-clock-off',
    'the clock of one worker five minutes ahead, while the workers are killed once',
    [killWorkers(), startWorkers()],
    { setUp: { clock: { of: 'workers', shiftMs: FIVE_MINUTES } } },
  ),
  scenario(
    '12',
    'publisher-clock-off',
    'the clock of the publisher five minutes ahead, while main is killed for 20 s',
    killedFor20s,
    { setUp: { clock: { of: 'publishers', shiftMs: FIVE_MINUTES } } },
  ),
  scenario('13', 'main-overloaded', 'twice the measured rate for 60 s', [], {
    load: { seconds: 60, times: 2 / USUAL_SHARE },
    expects: { nothingOnStandby: true },
  }),
  scenario(
    '14',
    'opposite-order',
    'two publishers with opposite order and partly the same events, while main is killed for 20 s',
    killedFor20s,
    {
      setUp: {
        publishers: [
          ['main', 'standby'],
          ['standby', 'main'],
        ],
      },
    },
  ),
  scenario(
    '15',
    'rolling-upgrade',
    'workers of the previous release replaced by those of this one, with parked workflows from before and a migration in between',
    [upgrade()],
    { setUp: { workersOf: 'previous release' }, ...operated },
  ),
  scenario(
    '15',
    'releases',
    'a later release gets half of the runs, all, none and all again; what its runs did the first release does not know',
    [
      startLaterWorkers(),
      opsReleases('ramp', LATER, '50'),
      wait(5),
      opsReleases('current', LATER),
      wait(10),
      opsReleases('rollback', FIRST),
      wait(30),
      opsReleases('current', LATER),
      wait(5),
    ],
    { setUp: { release: FIRST }, load: { seconds: 75 }, ...operated },
  ),
  scenario('16', 'main-killed-underway', `1 ${UNDER_WAY}`, killedFor20s, underWay),
  scenario('16', 'main-lost-underway', `2 ${UNDER_WAY}`, lostFor20s, underWay),
  scenario('16', 'workers-killed-underway', `8 ${UNDER_WAY}`, allWorkersTwice, underWay),
  scenario(
    '17',
    'dns-silent',
    "the name server says nothing of one site's endpoint for 45 s; the other sites, and Postgres, are called by name as well",
    [silenceNames(), wait(45), answerNames()],
    {
      setUp: { silentSite: SITES[0] },
      // The rest of the machine is for the tries of the silent site.
      load: { seconds: 60, times: 0.6 },
      expects: { otherSitesWithinMs: 10_000 },
    },
  ),
  scenario(
    '19',
    'sidecar-killed',
    'a sidecar SIGKILLed in the middle of a burst and started again on its journal, while main is down',
    [kill('main'), killPublisher(), startPublisher(), wait(10), start('main')],
    { setUp: { sidecar: true } },
  ),
  scenario(
    '19',
    'sidecar-full',
    'the journal of a sidecar full (1 MiB) while Postgres is away for 20 s',
    postgresAwayFor(20),
    {
      setUp: { sidecar: true, journalBytes: 1024 ** 2, padBytes: 28_000 },
      dropsRefused: true,
      expects: { refusedWith: ['JournalFull'] },
    },
  ),
  scenario(
    '18',
    'chaos',
    'clusters, Postgres, workers, publisher and destinations killed and started again at random for five minutes',
    (random) => chaos(random, { seconds: 300 }),
    { load: { seconds: 310 } },
  ),
];
