import { trace } from '@opentelemetry/api';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { createPublisher } from '../client';
import { insertConnection } from '../db/connections';
import { onPool } from '../db/tx';
import { runWorker } from '../tests/running-worker';
import { startTracing } from './start-tracing';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** Takes traces as OTLP in JSON. */
async function startCollector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spans = (): Span[] =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((of: { scopeSpans: { spans: Span[] }[] }) =>
        of.scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, // it listens on TCP
    bodies,
    spans,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

it('is off, and loads nothing, unless a standard variable says where traces go', async () => {
  expect(await startTracing({})).toBeUndefined();
  const silenced = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
  expect(await startTracing(silenced)).toBeUndefined();
});

it('one trace from publish through the activity to the request of the webhook, and to the log line', async () => {
  const collector = await startCollector();
  process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = collector.url;
  process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/json';
  const tracing = await startTracing(process.env);
  const receiver = await startWebhookReceiver();
  const key = newSecretsKey();
  const lines: string[] = [];
  const running = await runWorker({
    tracing,
    environment: { SECRETS_KEY: key, ALLOWED_ADDRESSES: '127.0.0.1' },
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
  });
  const id = randomUUID();
  const { bytes, keyId } = createSecretBox(key).seal(id, { secret: EXAMPLE_SECRET });
  const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null };
  const config = { url: `${receiver.url}/path-of-7?token=of-the-site` };
  await insertConnection(onPool(running.pool), {
    id,
    siteId: '1',
    consumer: 'webhook',
    name: 'crm',
    config,
    ...limits,
    secrets: bytes,
    secretsKeyId: keyId,
  });
  await running.pool.query(
    "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban.Webhook', 'Agent.Ban', 'webhook')",
  );
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  const publisher = createPublisher({
    clusters: [{ name: 'main', address, namespace }],
    interceptors: [new OpenTelemetryWorkflowClientInterceptor()],
  });
  const traceId = await trace.getTracer('chat-server').startActiveSpan('request', async (span) => {
    await publisher.publish('Agent.Ban', { SiteId: 1, BanType: 0, IpFromOrVisitorId: 'marker-4711' });
    span.end();
    return span.spanContext().traceId;
  });
  await running.until(async () => lines.some((line) => line.includes('delivery attempted')));
  await publisher.close();
  await running.stop(); // sends what is left
  const spans = collector.spans().filter((one) => one.traceId === traceId);
  const named = (start: string) => spans.find(({ name }) => name.startsWith(start));
  const [start, attempt, post] = [named('StartWorkflow'), named('RunActivity:webhook'), named('POST')];
  expect(start).toBeDefined();
  expect(attempt?.parentSpanId).toBe(start?.spanId);
  expect(post?.parentSpanId).toBe(attempt?.spanId);
  expect(named('RunActivity:recordEvents')).toBeDefined();
  expect(receiver.arrivals.map(({ headers }) => headers['traceparent'])).toEqual([`00-${traceId}-${post?.spanId}-01`]);
  const attempted = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'delivery attempted');
  expect(attempted).toMatchObject({ trace_id: traceId, span_id: attempt?.spanId });
  expect(collector.bodies.join('')).not.toMatch(/marker-4711|of-the-site|path-of-7/);
  await Promise.all([receiver.close(), collector.stop()]);
});
