import { randomUUID } from 'node:crypto';
import { freshNamespace } from '../../tests/fresh-namespace';
import { checkCluster } from './check-cluster';

it('compares the installation of a namespace with that of the database', async () => {
  const { namespace, client, close } = await freshNamespace();
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const cluster = { name: 'main', address, namespace, connection: { address } };
  const config = { TEMPORAL_RETENTION_HOURS: 24, SWEEP_EVERY_SECONDS: 10, RELEASE: undefined };
  const id = randomUUID();
  const look = async (own?: string) => {
    const all = await checkCluster(cluster, config, 'TEMPORAL_', Promise.resolve(own));
    return all.find(({ check }) => check === 'installation');
  };
  expect(await look()).toMatchObject({ state: 'ok', found: 'not recorded yet' });
  const command = `namespace update --namespace ${namespace} --data chat-events.installation=${id}`;
  expect(await look(id)).toMatchObject({ state: 'warn', remedy: expect.stringContaining(command) });
  const updateInfo = { data: { 'chat-events.installation': id } };
  await client.workflowService.updateNamespace({ namespace, updateInfo });
  expect(await look(id)).toMatchObject({ state: 'ok', found: id });
  const another = randomUUID();
  expect(await look(another)).toMatchObject({
    state: 'fail',
    found: `${id}, and not ${another}`,
    remedy: expect.stringContaining(`--data chat-events.installation=${another}`),
  });
  await close();
});
