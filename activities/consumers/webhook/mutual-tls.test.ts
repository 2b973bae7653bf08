import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls, { type TLSSocket } from 'node:tls';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { EXAMPLE_SECRET } from './fake';
import { createWebhook } from './webhook';

const webhook = createWebhook({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 5_000 });
const closing: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closing) await close();
  await webhook.close();
});

const send = (config: object, secrets: object = {}) =>
  webhook.send(
    sendRequest(exampleEvent('Visitor.Rating'), {
      account: { config, secrets: { secret: EXAMPLE_SECRET, ...secrets } },
    }),
  );

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

(hasOpenssl ? describe : describe.skip)(`mutual TLS${hasOpenssl ? '' : ' (skipped: there is no openssl)'}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'certificates-'));
  const pem = (name: string): string => readFileSync(join(dir, name), 'utf8');

  beforeAll(() => {
    for (const name of ['client', 'server', 'other']) {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`];
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', ...key, '-out', `${name}.pem`, '-days', '2', ...subject], {
        cwd: dir,
        stdio: 'ignore',
      });
    }
    // The certificate of the test's server is its own authority, which no machine knows.
    const { connect } = tls;
    jest
      .spyOn(tls, 'connect')
      .mockImplementation(((options: tls.ConnectionOptions) =>
        connect({ ...options, ca: pem('server.pem') })) as never); // of many forms undici uses this
  });

  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(dir, { recursive: true });
  });

  it('shows the certificate of the connection to its endpoint, and to no other', async () => {
    const shown: unknown[] = [];
    const options = { key: pem('server.key'), cert: pem('server.pem'), ca: pem('client.pem'), requestCert: true };
    const server = createServer({ ...options, rejectUnauthorized: false }, ({ socket }, response) => {
      const { authorized } = socket as TLSSocket; // of an HTTPS server
      shown.push(authorized);
      response.writeHead(authorized ? 204 : 403).end();
    }).listen(0, '127.0.0.1');
    closing.push(() => (server.closeAllConnections(), server.close()));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `https://127.0.0.1:${port}/hook`;
    const certificate = { clientCertificate: pem('client.pem') };
    expect(await send({ url, ...certificate }, { clientKey: pem('client.key') })).toEqual({ status: 204 });
    await expect(send({ url })).rejects.toMatchObject({ details: { status: 403 } });
    await send({ url, ...certificate }, { clientKey: pem('client.key') });
    expect(shown).toEqual([true, false, true]);
    const account = {
      config: { url, ...certificate },
      secrets: { secret: EXAMPLE_SECRET, clientKey: pem('client.key') },
    };
    const end = webhook.connection.endsAt?.(account)?.getTime() ?? 0;
    expect(Math.abs(end - Date.now() - 2 * 86_400_000)).toBeLessThan(3_600_000);
  });

  it.each<[string, object, object, string]>([
    ['without a key', { clientCertificate: true }, {}, 'clientCertificate needs the secret clientKey'],
    ['without a certificate', {}, { clientKey: true }, 'clientKey is for clientCertificate'],
    ['with the key of another', { clientCertificate: true }, { clientKey: 'other.key' }, 'is not the key of'],
    ['with a chain cut off', { clientCertificate: 'chain' }, { clientKey: true }, 'expected certificates in PEM only'],
    ['as no PEM', { clientCertificate: 'none' }, { clientKey: true }, 'expected a certificate in PEM'],
  ])('is refused %s', async (_, config, secrets, why) => {
    const cutOff = `${pem('client.pem')}\n${pem('client.pem').replace(/[^\n]+\n-----END/, '-----END')}`;
    const read = (given: object, name: string): object =>
      Object.fromEntries(
        Object.entries(given).map(([field, value]) => [
          field,
          value === true ? pem(name) : value === 'none' ? 'none' : value === 'chain' ? cutOff : pem(String(value)),
        ]),
      );
    const refused = send({ url: 'https://example.com/', ...read(config, 'client.pem') }, read(secrets, 'client.key'));
    await expect(refused).rejects.toMatchObject({ type: 'InvalidConfig', message: expect.stringContaining(why) });
  });
});
