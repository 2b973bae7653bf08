import { chaos } from './chaos';
import { SITES } from '../make-events';
import { breakAndPause, mendAndRedrive } from './operator-steps';
import { copyDatabase, replayJournals, restoreDatabase } from './restore-steps';
import { postgresScenarios } from './postgres-scenarios';
import { USUAL_SHARE, type Scenario } from './scenario';
import {
  answerNames,
  cutNetwork,
  empty,
  freeze,
  healNetwork,
  kill,
  killPublisher,
  killWorkers,
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

const UNDER_WAY = 'while batches, parked and paused deliveries are under way';
/** More than the machine can do, so that events go in batches. */
const underWay = {
  number: '16',
  load: { times: 4 },
  before: [breakAndPause()],
  after: [mendAndRedrive('main')],
} satisfies Partial<Scenario>;

/** Every scenario. What always has to hold is in expectations.ts: nothing lost, nothing done twice, nothing refused. */
export const scenarios: readonly Scenario[] = [
  {
    number: '1',
    name: 'main-killed',
    what: 'main SIGKILLed and started again after 20 s',
    steps: [kill('main'), wait(20), start('main')],
    expects: { otherSide: 'standby' },
  },
  {
    number: '1',
    name: 'main-killed-no-journal',
    what: 'the same without a journal',
    setUp: { journalBytes: null },
    steps: [kill('main'), wait(20), start('main')],
    expects: { otherSide: 'standby', acknowledgedWithinMs: 1_000, publishWithinMs: 1_000 },
  },
  {
    number: '2',
    name: 'main-lost',
    what: 'main SIGKILLed and its data deleted, back empty after 20 s',
    steps: [kill('main'), empty('main'), wait(20), start('main')],
    expects: { otherSide: 'standby' },
  },
  {
    number: '2',
    name: 'main-never-back',
    what: 'main SIGKILLed and its data deleted, never back',
    steps: [kill('main'), empty('main'), wait(60)],
    expects: { otherSide: 'standby', inFlightWithinMs: 90_000 },
  },
  {
    number: '3',
    name: 'main-stopped',
    what: 'main SIGSTOPped for 30 s',
    steps: [freeze('main'), wait(30), thaw('main')],
    expects: { otherSide: 'standby' },
  },
  {
    number: '3',
    name: 'main-stopped-no-journal',
    what: 'the same without a journal',
    setUp: { journalBytes: null },
    steps: [freeze('main'), wait(30), thaw('main')],
    // The deadline and the probe for the first.
    expects: { otherSide: 'standby', acknowledgedWithinMs: 4_200, publishWithinMs: 1_000 },
  },
  {
    number: '4',
    name: 'both-killed',
    what: 'both clusters SIGKILLed and started again after 30 s',
    steps: [kill('main'), kill('standby'), wait(30), start('main'), start('standby')],
  },
  {
    number: '5',
    name: 'main-flapping',
    what: 'main SIGKILLed and started again every 3 s for a minute',
    load: { seconds: 70 },
    steps: times(10, [kill('main'), wait(3), start('main'), wait(3)]),
  },
  {
    number: '6',
    name: 'publisher-cut-off',
    what: 'network between publisher and main cut for 30 s, workers still connected',
    setUp: { network: 'publishers' },
    steps: [cutNetwork(), wait(30), healNetwork()],
    expects: { otherSide: 'standby' },
  },
  {
    number: '6',
    name: 'workers-cut-off',
    what: 'network between workers and main cut for 30 s, the publisher still connected',
    setUp: { network: 'workers' },
    steps: [cutNetwork(), wait(30), healNetwork()],
  },
  {
    number: '7',
    name: 'publisher-killed',
    what: 'publisher SIGKILLed in the middle of a burst and started again on its journal',
    steps: [killPublisher(), startPublisher()],
  },
  {
    number: '8',
    name: 'workers-killed',
    what: 'all workers SIGKILLed, twice',
    steps: times(2, [killWorkers(), startWorkers(), wait(5)]),
  },
  ...postgresScenarios,
  {
    number: '10',
    name: 'journal-full',
    what: 'the journal full (1 MiB) while Postgres is away for 20 s',
    setUp: { journalBytes: 1024 ** 2, padBytes: 28_000 },
    dropsRefused: true,
    steps: [kill('postgres'), wait(20), start('postgres')],
    expects: { refusedWith: ['JournalFull'] },
  },
  {
    number: '11',
    name: 'database-restored',
    what: 'the database restored to a copy that is 60 s old, then a replay of the journal',
    load: { seconds: 75 },
    steps: [copyDatabase(), wait(60), restoreDatabase(), replayJournals()],
  },
  {
    number: '12',
    name: 'worker-clock-off',
    what: 'the clock of one worker five minutes ahead, while the workers are killed once',
    setUp: { clock: { of: 'workers', shiftMs: FIVE_MINUTES } },
    steps: [killWorkers(), startWorkers()],
  },
  {
    number: '12',
    name: 'publisher-clock-off',
    what: 'the clock of the publisher five minutes ahead, while main is killed for 20 s',
    setUp: { clock: { of: 'publishers', shiftMs: FIVE_MINUTES } },
    steps: [kill('main'), wait(20), start('main')],
  },
  {
    number: '13',
    name: 'main-overloaded',
    what: 'twice the measured rate for 60 s',
    load: { seconds: 60, times: 2 / USUAL_SHARE },
    steps: [],
    expects: { nothingOnStandby: true },
  },
  {
    number: '14',
    name: 'opposite-order',
    what: 'two publishers with opposite order and partly the same events, while main is killed for 20 s',
    setUp: {
      publishers: [
        ['main', 'standby'],
        ['standby', 'main'],
      ],
    },
    steps: [kill('main'), wait(20), start('main')],
  },
  {
    number: '15',
    name: 'rolling-upgrade',
    what: 'workers of the previous release replaced by those of this one, with parked workflows from before and a migration in between',
    setUp: { workersOf: 'previous release' },
    before: [breakAndPause()],
    steps: [upgrade()],
    after: [mendAndRedrive('main')],
  },
  {
    ...underWay,
    name: 'main-killed-underway',
    what: `1 ${UNDER_WAY}`,
    steps: [kill('main'), wait(20), start('main')],
  },
  {
    ...underWay,
    name: 'main-lost-underway',
    what: `2 ${UNDER_WAY}`,
    steps: [kill('main'), empty('main'), wait(20), start('main')],
  },
  {
    ...underWay,
    name: 'workers-killed-underway',
    what: `8 ${UNDER_WAY}`,
    steps: times(2, [killWorkers(), startWorkers(), wait(5)]),
  },
  {
    number: '17',
    name: 'dns-silent',
    what: "the name server says nothing of one site's endpoint for 45 s; the other sites, and Postgres, are called by name as well",
    setUp: { silentSite: SITES[0] },
    // Well below what the machine does, so that what waits does not wait for the machine.
    load: { seconds: 60, times: 0.4 },
    steps: [silenceNames(), wait(45), answerNames()],
    expects: { otherSitesWithinMs: 10_000 },
  },
  {
    number: '18',
    name: 'chaos',
    what: 'clusters, Postgres, workers, publisher and destinations killed and started again at random for five minutes',
    load: { seconds: 310 },
    steps: (random) => chaos(random, { seconds: 300 }),
  },
];
