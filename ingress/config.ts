import { z } from 'zod';
import { INSTALLATION_ID } from '../client/installation';
import { findPayloadKey, payloadKeyProblems } from '../client/payload-keys';
import { PUBLISHER_DEFAULTS, type PublisherOptions } from '../client/publisher-options';
import { readClustersAlone, toClusterOptions } from '../workers/clusters';
import { workerEnvironment } from '../workers/config';
import { readEnvironment } from '../workers/read-environment';

/**
 * The environment variables of the sidecar. `docs/configuration.md` is generated from the descriptions. The clusters' own variables
 * are read as a worker reads them.
 */
export const ingressEnvironment = z.object({
  INGRESS_HOST: z.string().min(1).default('127.0.0.1').describe('Address that the port listens on.'),
  INGRESS_PORT: z.coerce.number().int().min(0).max(65_535).default(8787).describe('Port; 0 = any free one.'),
  INGRESS_SOCKET: z
    .string()
    .min(1)
    .optional()
    .describe('Path of a Unix socket to listen on instead; its owner and group may use it.'),
  INGRESS_TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Certificate with its chain, PEM file: with it the port serves HTTPS. Read again when it changes.'),
  INGRESS_TLS_KEY_FILE: z.string().min(1).optional().describe('Its private key, PEM file.'),
  INGRESS_TOKENS_FILE: z
    .string()
    .min(1)
    .describe('File of the tokens that chat servers show, as `ops tokens` writes it; read again when it changes.'),
  JOURNAL_DIR: z.string().min(1).describe('Folder of the journal, on a local disk; of this sidecar alone.'),
  JOURNAL_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024 ** 2)
    .default(1024 ** 3)
    .describe('Most bytes of the journal; beyond it the sidecar answers 503.'),
  JOURNAL_KEEP_HOURS: z.coerce
    .number()
    .min(0)
    .default(24)
    .describe('How long events stay in the journal after they are recorded, for a replay.'),
  BATCH_AFTER_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(PUBLISHER_DEFAULTS.batchAfterMs)
    .describe(
      'Chat.Ended and OfflineMessage.Submit go in a batch when, alone, they would wait longer, in milliseconds; 0 = as soon as others wait.',
    ),
  CHAT_EVENTS_INSTALLATION: z
    .string()
    .regex(INSTALLATION_ID, 'expected the id that npm start and ops doctor print')
    .optional()
    .describe('Id of the installation that the clusters have to belong to; default: that of the first that answers.'),
  LARGE_EVENTS_DIR: workerEnvironment.shape.LARGE_EVENTS_DIR,
  PAYLOAD_KEY: workerEnvironment.shape.PAYLOAD_KEY,
  PAYLOAD_KEY_FILE: workerEnvironment.shape.PAYLOAD_KEY_FILE,
  LOG_LEVEL: workerEnvironment.shape.LOG_LEVEL,
});

export interface IngressConfig extends z.infer<typeof ingressEnvironment> {
  readonly publisher: PublisherOptions;
}

/** @throws InvalidConfiguration that names every mistake */
export function readIngressConfig(environment: NodeJS.ProcessEnv): IngressConfig {
  const config = readEnvironment(ingressEnvironment, environment, (given) => [
    ...tlsProblems(given),
    ...payloadKeyProblems(given),
  ]);
  const { LARGE_EVENTS_DIR: dir, JOURNAL_DIR, JOURNAL_MAX_BYTES, JOURNAL_KEEP_HOURS } = config;
  return {
    ...config,
    publisher: {
      clusters: readClustersAlone(environment).map(toClusterOptions),
      journal: { dir: JOURNAL_DIR, maxBytes: JOURNAL_MAX_BYTES, keepHours: JOURNAL_KEEP_HOURS },
      payloadKey: findPayloadKey(config),
      installation: config.CHAT_EVENTS_INSTALLATION,
      batchAfterMs: config.BATCH_AFTER_MS,
      ...(dir !== undefined && { largeEvents: { dir } }),
    },
  };
}

function tlsProblems(given: z.infer<typeof ingressEnvironment>): string[] {
  const { INGRESS_TLS_CERT_FILE: cert, INGRESS_TLS_KEY_FILE: key } = given;
  if ((cert === undefined) === (key === undefined)) return [];
  return [`${cert === undefined ? 'INGRESS_TLS_CERT_FILE' : 'INGRESS_TLS_KEY_FILE'}: is not set, but the other one is`];
}
