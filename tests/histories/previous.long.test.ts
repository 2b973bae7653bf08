import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildPrevious, type PreviousRelease } from '../../lab/drill/build-previous';
import { payloadConverterPath } from '../../workers/create-workers';

/** A state before this one woke waiting deliveries without `patched`: it does not replay what an older one did. */
const TOO_OLD = 'v3-resumed.json';
const files = readdirSync(__dirname).filter((name) => name.endsWith('.json') && name !== TOO_OLD);
let previous: PreviousRelease | undefined;
let code = '';

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  previous = await buildPrevious(path.join(__dirname, '..', '..'));
  if (previous) code = readFileSync(path.join(previous.root, 'dist', 'workflow-bundle.js'), 'utf8');
}, 300_000);

afterAll(() => previous?.remove());

interface Marked {
  readonly events: readonly {
    readonly markerRecordedEventAttributes?: {
      readonly markerName: string;
      readonly details?: { readonly 'patch-data'?: { readonly payloads: readonly { readonly data: string }[] } };
    };
  }[];
}

/** Names of `patched` that a history has the marker of. */
const patchesIn = ({ events }: Marked): string[] =>
  events.flatMap(({ markerRecordedEventAttributes: marker }) =>
    (marker?.details?.['patch-data']?.payloads ?? []).map(
      ({ data }) => (JSON.parse(Buffer.from(data, 'base64').toString()) as { id: string }).id, // as the SDK writes it
    ),
  );

/** The release that it may be rolled back to: `ops releases rollback` then interrupts no run that has nothing new in it. */
it('the release before replays every history but those with commands that it does not know', async () => {
  if (!previous) return; // a checkout without its history
  const codePath = path.join(previous.root, 'dist', 'workflow-bundle.js');
  const dataConverter = { payloadConverterPath: require.resolve(payloadConverterPath) };
  const failed: string[] = [];
  for (const file of files) {
    const history = JSON.parse(readFileSync(path.join(__dirname, file), 'utf8')) as Marked;
    const knows = patchesIn(history).every((id) => code.includes(`'${id}'`) || code.includes(`"${id}"`));
    const options = { workflowBundle: { codePath }, dataConverter };
    const replays = await Worker.runReplayHistory(options, historyFromJSON(history)).then(
      () => true,
      () => false,
    );
    if (knows && !replays) failed.push(file);
  }
  expect(failed).toEqual([]);
}, 120_000);
