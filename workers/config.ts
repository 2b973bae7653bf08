import { z } from 'zod';
import { consumerVariables, policyOf } from '../activities/consumers';
import type { DeliveryPolicy } from '../activities/deliver/delivery-policy';
import { readRange } from '../activities/http/address-range';
import { checkServers } from '../activities/http/dns/host-resolver';
import { createSecretBox, type SecretBox } from '../activities/connections/secret-box';
import { payloadKeyProblems } from '../client/payload-keys';
import { clusterVariables } from './cluster-variables';
import { readEnvironment, withFiles } from './read-environment';

const addressList = z.string().refine((list) => {
  try {
    readList(list).forEach(readRange);
    return true;
  } catch {
    return false;
  }
}, 'expected IP addresses or ranges such as 10.0.0.0/8, with commas between them');

const serverList = z.string().refine((list) => {
  try {
    checkServers(readList(list));
    return true;
  } catch {
    return false;
  }
}, 'expected IP addresses, with :port where it is not 53, with commas between them');

const secretsKey = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, 'expected 32 bytes as base64')
  .optional();

/**
 * The environment variables of a worker; a mistake in them is named with all others at once. `docs/configuration.md` is generated
 * from the descriptions. TLS and API keys come from the variables that @temporalio/envconfig reads.
 */
const own = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL, as postgresql://user:password@host:port/database.'),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(500).default(20).describe('Most connections to PostgreSQL.'),
  ...clusterVariables.shape,
  TEMPORAL_RETENTION_HOURS: z.coerce
    .number()
    .int()
    .min(24)
    .default(72)
    .describe('How long closed runs stay; set when the worker makes the namespace.'),
  WORKER_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(9464)
    .describe('/healthz, /readyz and /metrics; 0 = any free port.'),
  WORKER_HOST: z.string().min(1).default('127.0.0.1').describe('Address that port listens on.'),
  RELEASE: z
    .string()
    .regex(/^[\w.+-]{1,100}$/, 'expected letters, digits, and . _ + -')
    .optional()
    .describe(
      'Name of this release of the product, for Worker Versioning (docs/releases.md); without it the worker takes tasks of all releases.',
    ),
  WORKFLOW_TASK_SLOTS: z.coerce.number().int().min(2).default(20).describe('Workflow tasks at once.'),
  WORKFLOW_CACHE: z.coerce.number().int().min(1).default(500).describe('Open runs kept in memory.'),
  LOCAL_ACTIVITY_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(20)
    .describe(
      'Local activities at once: recording and in-house deliveries. First attempts at destinations have others.',
    ),
  CONSUMER_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(100)
    .describe("Activities at once on each consumer's queue; sites whose destinations are slow have half of them."),
  POLLERS: z.coerce
    .number()
    .int()
    .min(2)
    .default(20)
    .describe(
      'Most polls at once on each queue; a worker begins with 5 of them, and has as many as the load asks for.',
    ),
  SWEEP_EVERY_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10)
    .describe('How often the sweep looks for deliveries that no workflow works on.'),
  SWEEP_LIMIT: z.coerce
    .number()
    .int()
    .min(1)
    .default(200)
    .describe(
      'Most deliveries that one round of the sweep continues. Of those taken over from a lost cluster, five times as many may be under way.',
    ),
  OVERDUE_AFTER_SECONDS: z.coerce
    .number()
    .min(1)
    .default(60)
    .describe('The sweep looks at a pending delivery this long after it was due.'),
  TAKEOVER_AFTER_SECONDS: z.coerce
    .number()
    .min(1)
    .default(60)
    .describe('A cluster that no worker has reached for this long gives its unfinished deliveries to the other one.'),
  SECRETS_KEY: secretsKey.describe('Seals and opens the secrets of connections: 32 random bytes as base64.'),
  SECRETS_KEY_PREVIOUS: secretsKey.describe(
    'Opens secrets that an earlier key sealed, until `ops connections rotate-key` is done.',
  ),
  PAYLOAD_KEY: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Encrypts the data of events in Temporal and in the store of large events: 32 random bytes as base64, or several with commas between them; the first encrypts, all decrypt.',
    ),
  PAYLOAD_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File with the text of PAYLOAD_KEY, one key a line; read at start.'),
  LARGE_EVENTS_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder that every publisher and worker sees, or s3://bucket/prefix, for events above 256 KiB; without it they end at 2 MiB.',
    ),
  WORKFLOW_BUNDLE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File of the bundled workflow code; default: the one that `npm run build` makes, or, from source, one made at each start.',
    ),
  ALLOWED_ADDRESSES: addressList
    .default('')
    .describe('Addresses or ranges, with commas between them, that deliveries may call although they are not public.'),
  DNS_SERVERS: serverList
    .default('')
    .describe(
      "Name servers for the hosts of destinations, as address or address:port, with commas between them; default: this machine's.",
    ),
  WEBHOOK_RETRY_SECONDS: z
    .string()
    .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, 'expected numbers with commas between them')
    .optional()
    .describe(
      'Seconds between the tries of a webhook, such as 5,300,1800; default: the schedule of Standard Webhooks.',
    ),
  LONGEST_RETRY_SECONDS: z.coerce
    .number()
    .min(1)
    .max(900)
    .default(900)
    .describe('Longest wait between two tries of a delivery, but not of a webhook.'),
  SHUTDOWN_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(60)
    .describe('How long work in flight may go on after SIGTERM.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log lines that are written.'),
});

/** With the variables of consumers, which only they read. */
export const workerEnvironment = own.extend(consumerVariables.shape) as unknown as typeof own; // it reads all that `own` reads

export type WorkerConfig = z.infer<typeof own>;

export function readConfig(environment: Record<string, string | undefined>): WorkerConfig {
  return readEnvironment(workerEnvironment, withFiles(environment), (config) => [
    ...clashes(config),
    ...payloadKeyProblems(config),
  ]);
}

/** Rows and receipts tell the clusters apart by their names. */
function clashes(config: WorkerConfig): string[] {
  if (config.TEMPORAL_STANDBY_ADDRESS === undefined) return [];
  if (config.TEMPORAL_STANDBY_CLUSTER_NAME !== config.TEMPORAL_CLUSTER_NAME) return [];
  return ['TEMPORAL_STANDBY_CLUSTER_NAME: has to differ from TEMPORAL_CLUSTER_NAME'];
}

/** Null when no key is set: then no connection with secrets can be used. */
export function readSecretBox({ SECRETS_KEY, SECRETS_KEY_PREVIOUS }: WorkerConfig): SecretBox | null {
  return SECRETS_KEY === undefined ? null : createSecretBox(SECRETS_KEY, SECRETS_KEY_PREVIOUS);
}

/** The policies of deliveries, with configured delays in the place of their own. */
export function readPolicies(config: WorkerConfig): (consumer: string) => DeliveryPolicy {
  const longestMs = config.LONGEST_RETRY_SECONDS * 1000;
  const webhookMs = config.WEBHOOK_RETRY_SECONDS?.split(',').map((seconds) => Number(seconds) * 1000);
  return (consumer) => {
    const policy = policyOf(consumer);
    if (consumer === 'webhook') return { ...policy, delaysMs: webhookMs ?? policy.delaysMs };
    return { ...policy, delaysMs: policy.delaysMs.map((ms) => Math.min(ms, longestMs)) };
  };
}

/** A list with commas. */
export function readList(list: string): string[] {
  return list
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}
