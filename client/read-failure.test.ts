import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { catalogue } from '../events/catalogue';
import { createPublisher } from './create-publisher';
import { openCluster } from './open-cluster';
import { readClosed } from './read-failure';
import type { Publisher } from './publisher';

const ban = catalogue['Agent.Ban'].example;
let server: Http2Server;
let publishers: Publisher[];
let open: () => Publisher;
let answers: { code: number; text: string }[];

/** The question for the installation, which a publisher may not be allowed to ask. */
const notForPublishers = { code: 7, text: 'Request unauthorized.' };

/** A gRPC server that gives each start the next answer, the last one for ever. */
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  server.on('stream', (stream, { ':path': path }) => {
    const isQuestion = path?.endsWith('/DescribeNamespace');
    const next = () => (answers.length > 1 ? answers.shift()! : answers[0]!); // each test gives at least one
    const { code, text } = isQuestion ? notForPublishers : next();
    const headers = { ':status': 200, 'content-type': 'application/grpc+proto' };
    stream.respond({ ...headers, 'grpc-status': code, 'grpc-message': text }, { endStream: true });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has no other kind
  const clusters = [{ name: 'main', address: `127.0.0.1:${port}`, apiKey: 'not-logged', tls: false }];
  publishers = [];
  open = () => {
    const publisher = createPublisher({ clusters, deadlineMs: 1_500 });
    publishers.push(publisher);
    return publisher;
  };
});

afterEach(async () => {
  await Promise.all(publishers.map((publisher) => publisher.close()));
  server.close();
});

/** By a publisher that knows nothing of the server yet. */
async function publish(...given: typeof answers): Promise<unknown> {
  answers = given;
  return open()
    .publish('Agent.Ban', ban, { id: 'a' })
    .catch((error: unknown) => error);
}

test.each([
  [3, 'no mapping defined for search attribute SiteId', 'a worker makes them when it starts'],
  [5, 'Namespace chat-events is not found.', 'Correct namespace'],
  [7, 'Request unauthorized.', 'Correct tls, apiKey or apiKeyFile.'],
  [9, 'namespace is not active here', 'Ask the operator'],
  [12, 'unknown service', 'it must be the frontend of a Temporal cluster'],
  [16, 'invalid key', 'Correct tls, apiKey or apiKeyFile.'],
])('gRPC status %i is refused at once, with the reason and what to do', async (code, text, advice) => {
  const error = await publish({ code, text }, { code: 14, text: 'asked twice' });
  expect(error).toMatchObject({ name: 'ClusterRefused', cluster: 'main', id: 'a', cause: expect.any(Error) });
  expect(String(error)).toContain(text);
  expect(String(error)).toContain(advice);
  expect(String(error)).not.toContain('not-logged');
});

test('a call on a connection that was closed before says nothing about the cluster', async () => {
  const { port } = server.address() as AddressInfo;
  const cluster = openCluster({ name: 'main', address: `127.0.0.1:${port}`, tls: false });
  await cluster.close();
  const error = await cluster.client
    .start('x', { workflowId: 'x', taskQueue: 'x', retry: {} })
    .catch((thrown: unknown) => thrown);
  expect(readClosed(error)).toMatchObject({ verdict: 'dropped', mayBeAccepted: false });
  expect(readClosed(new Error('another'))).toBeUndefined();
});

test('a cluster that is busy is asked again after a pause, until the deadline, and has not accepted', async () => {
  const started = performance.now();
  const error = await publish({ code: 8, text: 'namespace rate limit exceeded' });
  expect(error).toMatchObject({ name: 'ClusterUnavailable', mayBeAccepted: false });
  expect(String(error)).toContain('rate limit exceeded');
  expect(performance.now() - started).toBeGreaterThan(300);
});

test.each([1, 2, 4, 13, 14, 15])('gRPC status %i is tried again, and may be an accepted event', async (code) => {
  expect(await publish({ code, text: 'lost' }, { code: 16, text: 'second try' })).toMatchObject({
    name: 'ClusterRefused',
  });
  expect(await publish({ code, text: 'lost' })).toMatchObject({ name: 'ClusterUnavailable', mayBeAccepted: true });
});

test('a message larger than a proxy lets through is too large, at once', async () => {
  const text = 'grpc: received message larger than max (5000000 vs. 1048576)';
  expect(await publish({ code: 8, text })).toMatchObject({ name: 'EventTooLarge', cause: { code: 8 } });
});
