import { DeliveryFailure } from '../activities/failures';
import { openOpsCommand } from '../tests/ops-command';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;
let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  running = await runScripted();
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  command = await openOpsCommand({ DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
}, 400_000);

afterAll(async () => {
  await command.close();
  await running.stop();
});

it('sends delivered webhooks of a connection again, past a failure, and leaves their rows as they are', async () => {
  const ids = [newId('again'), newId('again'), newId('again')];
  for (const id of ids) await (await running.start(ban(id, 2), keyOf(id, 2))).result();
  const rows = async () => (await running.pool.query('select * from delivery order by id')).rows;
  const before = await rows();
  const { sent, faults } = running.scripted;
  expect(sent).toHaveLength(6); // two endpoints
  sent.length = 0;
  const dry = await command.run(['deliveries', 'resend', '--site', '2', '--dry-run', '--json']);
  expect(JSON.parse(dry.stdout)).toMatchObject(
    [1, 2].map((n) => ({ connection: `2/webhook/endpoint ${n}`, deliveries: 3 })),
  );
  expect(sent).toEqual([]);

  const pass = () => new DeliveryFailure('Unavailable', 'in a moment', { retryAfterMs: 10 });
  const refuse = () => new DeliveryFailure('Rejected', 'too large');
  faults.set(ids[1] ?? '', [pass()]);
  faults.set(ids[2] ?? '', [refuse()]);
  const again = ['deliveries', 'resend', '--connection', '2/webhook/endpoint 2', '--rate', '100'];
  const done = await command.run(again);
  expect([done.code, done.stdout]).toEqual([0, 'Done: 2 sent again, 1 refused for good.\n']);
  expect(sent).toEqual([ids[0], ids[1], ids[1], ids[2]]);
  expect(await rows()).toEqual(before);
});

it.each([
  ['', /Give --site or --connection/],
  ['--connection 2/webhook/none', /There is no connection/],
  ['--site 2 --rate 2000', /at most 1000/],
])('refuses: %s', async (args, said) => {
  const { code, stderr } = await command.ops(`deliveries resend ${args}`.trim());
  expect([code, stderr]).toEqual([1, expect.stringMatching(said)]);
});
