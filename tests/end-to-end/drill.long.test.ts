import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createProgress } from '../../scripts/demo/progress';
import { runScenario } from '../../scripts/drill/run-scenario';
import type { DrillReport } from '../../scripts/drill/report';
import type { Scenario } from '../../scripts/drill/scenario';

const root = join(__dirname, '..', '..');
const out = { write: () => true } as unknown as NodeJS.WritableStream; // all that progress uses

it('every fault of the drill: nothing lost, nothing twice, everything as quick as it has to be', async () => {
  const args = ['--import', 'tsx', join('scripts', 'drill', 'drill.ts'), '--json'];
  const stdout = await new Promise<string>((resolve) =>
    execFile(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 }, (_, text) => resolve(text)),
  );
  const { runs } = JSON.parse(stdout) as { runs: DrillReport[] }; // nothing else is printed
  const wrong = runs.filter(({ problems }) => problems.length > 0);
  expect(wrong.map(({ scenario, problems }) => ({ scenario, problems }))).toEqual([]);
  expect(runs.length).toBeGreaterThan(20);
}, 5_400_000);

it('the drill sees what is lost and what is there twice, although the product says that all is delivered', async () => {
  const sabotage: Scenario = {
    number: '0',
    name: 'sabotage',
    what: 'effects removed and doubled behind the back of the product',
    steps: [],
    after: [
      {
        says: 'sabotage',
        isFault: false,
        async run({ db }) {
          await db.query(
            'delete from canned_message_use where event_key = (select min(event_key) from canned_message_use)',
          );
          await db.query(
            'update visits_per_day set visits = visits + 1 where site_id = (select min(site_id) from visits_per_day)',
          );
        },
      },
    ],
  };
  const options = { scenario: sabotage, seed: 1, events: 40, rate: 20, progress: createProgress({ out }) };
  const { report } = await runScenario({ ...options, release: { root, built: false } });
  expect(report).toMatchObject({
    lost: 1,
    duplicateEffects: 1,
    problems: ['1 visits in sums too many.', '1 deliveries are lost.'],
  });
}, 300_000);
