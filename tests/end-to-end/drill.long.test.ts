import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createProgress } from '../../lab/progress';
import { chaos } from '../../lab/drill/chaos';
import { runScenario } from '../../lab/drill/run-scenario';
import type { DrillReport } from '../../lab/drill/report';
import type { Scenario } from '../../lab/drill/scenario';
import { scenarios } from '../../lab/drill/scenarios';

const root = join(__dirname, '..', '..');
const out = { write: () => true } as unknown as NodeJS.WritableStream; // all that progress uses
const usual = { progress: createProgress({ out }), release: { root, built: false } };

/** They take about half a minute. */
const KILLS = 12;

/** Events per second, as the first of the runs measures it. */
let rate: number | undefined;

it.each(scenarios.filter(({ byNameOnly }) => byNameOnly !== true))(
  'nothing lost, nothing twice, everything as quick as it has to be: $name',
  async ({ name }) => {
    const given = rate === undefined ? [] : ['--rate', rate.toFixed(1)];
    const args = ['--import', 'tsx', join('lab', 'drill', 'drill.ts'), '--json', '--scenario', name, ...given];
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) =>
      execFile(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
      ),
    );
    const result = JSON.parse(stdout) as { rate: number; runs: DrillReport[] }; // nothing else is printed
    rate ??= result.rate;
    expect(result.runs.flatMap(({ problems }) => problems)).toEqual([]);
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
  },
  1_200_000,
);

it('kills at random, a short form: nothing lost, nothing twice, no process ends by itself', async () => {
  const scenario: Scenario = {
    number: '0',
    name: 'chaos',
    what: 'a few kills at random',
    load: { seconds: 35 },
    steps: (random) => chaos(random, { kills: KILLS }),
  };
  const workerEnv = { SWEEP_EVERY_SECONDS: '1', OVERDUE_AFTER_SECONDS: '5' };
  const { report } = await runScenario({ ...usual, scenario, seed: 1, events: 1, rate: 8, workerEnv });
  expect(report).toMatchObject({ problems: [], lost: 0, duplicateEffects: 0 });
  expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
}, 600_000);

it('the drill sees what is lost, what is there twice, and a process that is gone, although the product says that all is delivered', async () => {
  const sabotage: Scenario = {
    number: '0',
    name: 'sabotage',
    what: 'effects removed and doubled, and a worker ended, behind the back of drill and product',
    steps: [],
    after: [
      {
        says: 'sabotage',
        isFault: false,
        async run({ db, workers }) {
          await db.query(
            'delete from canned_message_use where event_key = (select min(event_key) from canned_message_use)',
          );
          await db.query(
            'update visits_per_day set visits = visits + 1 where site_id = (select min(site_id) from visits_per_day)',
          );
          const [pid] = workers.pids;
          process.kill(pid!, 'SIGKILL');
        },
      },
    ],
  };
  const { report } = await runScenario({ ...usual, scenario: sabotage, seed: 1, events: 40, rate: 20 });
  const gone = /^A worker ended by itself \(signal SIGKILL\)\. The end of its log:\n\{"level":/;
  expect(report).toMatchObject({
    lost: 1,
    duplicateEffects: 1,
    problems: [expect.stringMatching(gone), '1 visits in sums too many.', '1 deliveries are lost.'],
  });
}, 300_000);
