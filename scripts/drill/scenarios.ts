import type { Scenario } from './scenario';
import {
  cutNetwork,
  empty,
  freeze,
  healNetwork,
  kill,
  killPublisher,
  killWorkers,
  start,
  startPublisher,
  startWorkers,
  thaw,
  times,
  wait,
} from './steps';

/** Ahead of all others. */
const FIVE_MINUTES = 5 * 60_000;

/** Every scenario. What always has to hold is in expectations.ts: nothing lost, nothing done twice, nothing refused. */
export const scenarios: readonly Scenario[] = [
  {
    number: '1',
    name: 'main-killed',
    what: 'main SIGKILLed and started again after 20 s',
    steps: [kill('main'), wait(20), start('main')],
  },
  {
    number: '2',
    name: 'main-lost',
    what: 'main SIGKILLed and its data deleted, back empty after 20 s',
    steps: [kill('main'), empty('main'), wait(20), start('main')],
  },
  {
    number: '3',
    name: 'main-stopped',
    what: 'main SIGSTOPped for 30 s',
    steps: [freeze('main'), wait(30), thaw('main')],
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
  {
    number: '9',
    name: 'postgres-killed',
    what: 'Postgres killed and started again',
    steps: [kill('postgres'), wait(5), start('postgres')],
  },
  {
    number: '9',
    name: 'postgres-stopped',
    what: 'Postgres away for 60 s',
    load: { seconds: 75 },
    steps: [kill('postgres'), wait(60), start('postgres')],
    expects: { tasksPerWaitingEvent: 2, settledWithinMs: { ofEnd: 120_000 } },
  },
  {
    number: '10',
    name: 'journal-full',
    what: 'the journal full (1 MiB) while Postgres is away for 20 s',
    setUp: { journalBytes: 1024 ** 2, padBytes: 20_000 },
    dropsRefused: true,
    steps: [kill('postgres'), wait(20), start('postgres')],
    expects: { refusedWith: ['JournalFull'] },
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
    load: { seconds: 60, times: 2 / 0.7 },
    steps: [],
    expects: { nothingOnStandby: true },
  },
];
