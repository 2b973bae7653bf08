import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../stack/run-command';
import type { Step } from './scenario';

/** RELEASE of the workers that are there at first. */
export const FIRST = 'first';
/** RELEASE of the workers that come later. */
export const LATER = 'later';

/** Workers of a later release, beside those that are there: its runs take a step that this release does not know. */
export const startLaterWorkers = (): Step => ({
  says: 'workers of a later release started beside the others',
  isFault: false,
  async run({ folder, workers }) {
    const bundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('./later-workflows'),
      payloadConverterPath: require.resolve('../../protocol/payload-converter'),
      logger: new DefaultLogger('ERROR'),
    });
    const file = join(folder, 'later-workflows.js');
    await writeFile(file, bundle.code);
    await workers.startBeside({ RELEASE: LATER, WORKFLOW_BUNDLE: file });
  },
});

/** The operator's part: `ops releases ...`, on both clusters; repeated, as the command says, when one does not answer in time. */
export const opsReleases = (...args: readonly string[]): Step => ({
  says: `releases ${args.join(' ')}`,
  isFault: true,
  async run({ servers, release }) {
    const env = { TEMPORAL_ADDRESS: servers.main.address, TEMPORAL_STANDBY_ADDRESS: servers.standby.address };
    const command = ['tsx', 'ops/main.ts', 'releases', ...args];
    let said = '';
    for (let tries = 0; tries < 3; tries++) {
      const { code, output } = await runCommand(command, { env, cwd: release.root });
      if (code === 0) return;
      said = output;
    }
    throw new Error(`ops releases ${args.join(' ')}: ${said}`);
  },
});
