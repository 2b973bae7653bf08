import type { Scenario } from './scenario';
import { endSessions, kill, shutDownPostgres, start, times, wait } from './steps';

/** Those in which the database is away. */
export const postgresScenarios: readonly Scenario[] = [
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
    number: '9',
    name: 'postgres-stopped-long',
    what: 'Postgres away for ten minutes',
    byNameOnly: true,
    load: { seconds: 615 },
    steps: [kill('postgres'), wait(600), start('postgres')],
    expects: { tasksPerWaitingEvent: 2, settledWithinMs: { ofEnd: 120_000 } },
  },
  {
    number: '9',
    name: 'postgres-killed-often',
    what: 'Postgres killed, its sessions ended, and shut down, again and again for a minute',
    load: { seconds: 70 },
    steps: times(6, [
      kill('postgres'),
      wait(1),
      start('postgres'),
      wait(3),
      endSessions(),
      wait(2),
      shutDownPostgres(),
      wait(1),
      start('postgres'),
      wait(3),
    ]),
  },
];
