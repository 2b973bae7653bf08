import { COMPILED } from '../compiled';
import { createProgress } from '../../lab/progress';
import { runScenario } from '../../lab/drill/run-scenario';
import type { Scenario } from '../../lab/drill/scenario';
import { scenarios } from '../../lab/drill/scenarios';
import { kill, killWorkers, start, startWorkers, wait } from '../../lab/drill/steps';

/** What a minute is to production, so that the tests end soon. */
const workerEnv = { SWEEP_EVERY_SECONDS: '1', OVERDUE_AFTER_SECONDS: '5' };
/** Compiled once for all tests: each worker would compile it anew. */
const release = { root: COMPILED, built: true };
const out = { write: () => true } as unknown as NodeJS.WritableStream; // all that progress uses

/** The other scenarios, and this one as the command runs it: drill.long.test.ts. */
it('loses nothing and does nothing twice when main is killed, then all workers', async () => {
  const scenario: Scenario = {
    ...scenarios.find(({ name }) => name === 'main-killed')!,
    steps: [kill('main'), wait(3), start('main'), killWorkers(), startWorkers()],
  };
  const progress = createProgress({ out });
  const options = { scenario, seed: 1, events: 60, rate: 20, workerEnv, progress, takeoverAfterSeconds: 5 };
  const { report } = await runScenario({ ...options, release });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ published: 72, acknowledged: { journal: 72 }, lost: 0, duplicateEffects: 0 });
}, 180_000);
