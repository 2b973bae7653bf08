import { z } from 'zod';
import { ingressEnvironment } from '../../ingress/config';
import { workerEnvironment } from '../../workers/config';

/** The variables that @temporalio/envconfig reads, beside the worker's own. */
const TEMPORAL_VARIABLES: Readonly<Record<string, string>> = {
  TEMPORAL_API_KEY: 'API key, sent with each call.',
  TEMPORAL_API_KEY_FILE:
    'File with the API key, or the token of a server of your own, instead; read again when it changes.',
  TEMPORAL_TLS: '`true`: connect with TLS; `false`: without, although there is an API key.',
  TEMPORAL_TLS_CLIENT_CERT_PATH: 'Client certificate, PEM file; `..._DATA`: the PEM text itself.',
  TEMPORAL_TLS_CLIENT_KEY_PATH: 'Its private key; `..._DATA`: the PEM text itself.',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'Certificate authority of the server; `..._DATA`: the PEM text itself.',
  TEMPORAL_TLS_SERVER_NAME: 'Name that the certificate of the server has to bear.',
  TEMPORAL_GRPC_META_CALLER_TYPE:
    '`operator` for workers: a server that is near its limits serves them before starts; `TEMPORAL_GRPC_META_...` is any header.',
  TEMPORAL_CONFIG_FILE: 'TOML file with the same settings by profile; `TEMPORAL_PROFILE` names the profile.',
};

/** For the commands of this repository. */
const COMMAND_VARIABLES: Readonly<Record<string, string>> = {
  DATABASE_URL:
    '`npm start`, `npm test`: this PostgreSQL instead of the embedded one; `npm run cluster` too, whose user has to be allowed to make databases. `npm run migrate`, `npm run seed`, `npm run ops`: the database.',
  DATABASE_URL_FILE:
    'Workers, `npm run migrate`, `npm run ops`: a file that has the value instead; so do `SECRETS_KEY_FILE` and `SECRETS_KEY_PREVIOUS_FILE`. Read at start.',
  SHADOW_DATABASE_URL:
    '`npm run migrate -- --check` and `--diff`: a PostgreSQL to try migrations on. Default: a temporary one.',
  TEMPORAL_ADDRESS:
    '`npm start`, `npm test`: this server instead of the dev servers. `npm run publish-event`: where the event goes. `npm run ops`: where workflows are started.',
  TEMPORAL_STANDBY_ADDRESS:
    '`npm start`: this server as standby. `npm run publish-event`, `npm run ops`: taken while main is down.',
  TEMPORAL_DATABASE_URL:
    "`npm run ops -- doctor`: the PostgreSQL database of main itself, whose durability and connections are then checked; standby's: `TEMPORAL_STANDBY_DATABASE_URL`.",
  SECRETS_KEY: '`npm run ops`: as the workers have it, with `SECRETS_KEY_PREVIOUS`.',
  ALLOWED_ADDRESSES: '`npm run ops`: as the workers have it, for `connections add`, `check` and `mend`.',
  DNS_SERVERS: '`npm run ops`: as the workers have it.',
  LARGE_EVENTS_DIR:
    '`npm run publish-event`, `npm run replay`, `npm run ops -- journal replay` and `events show --reveal`: as the workers have it.',
  PAYLOAD_KEY:
    '`npm run publish-event`, `npm run replay`, `npm run ops -- journal replay` and `events show --reveal`: as the workers have it, or `PAYLOAD_KEY_FILE`.',
  JOURNAL_DIR: '`npm run ops -- journal`: the folder, where `--dir` is not given.',
  CONNECTION_:
    '`npm run ops`: secrets of a connection by their names, such as `CONNECTION_PASSWORD` or `CONNECTION_SECRET`.',
  NODE_EXTRA_CA_CERTS:
    "Node's own, for workers and `npm run ops`: a PEM file with authorities of yours that certificates of destinations are checked against, too.",
  UV_THREADPOOL_SIZE:
    "Node's own: 16 in `npm start`, the unit and the image, as look-ups of PostgreSQL and Temporal by name take half of these threads, and files and compression the others.",
  MALLOC_MMAP_THRESHOLD_:
    "glibc's own: 1048576 in `npm start`, the unit and the image, so that the memory of a large event goes back to the system afterwards.",
  TEMPORAL_CLI:
    'The Temporal CLI to use. Default: a recent one on the PATH, the one in the cache, a download, or built with Go.',
  TEMPORAL_CLI_MIRROR: 'Where to download the Temporal CLI. Default: https://temporal.download/cli/archive',
};

/** The keywords that are read of a variable's JSON Schema. */
interface Variable {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** docs/configuration.md: every environment variable. */
export function configurationReference(): string {
  return `# Configuration

By environment variables. A worker checks its own at start and names every mistake at once; an empty variable counts as not set.

## A worker

${variablesOf(workerEnvironment)}

## The sidecar

Beside these it reads \`TEMPORAL_ADDRESS\`, \`TEMPORAL_STANDBY_ADDRESS\`, namespaces and names of the clusters as a worker does. [The sidecar](sidecar.md) says how they go together.

${variablesOf(ingressEnvironment)}

## The connection to Temporal

Workers, the sidecar, \`npm run ops\` and \`npm run publish-event\` read these as every Temporal program does. \`createPublisher\` reads no environment:
it takes \`tls\`, \`apiKey\` and \`apiKeyFile\` as [options](publishing.md#options). The variables of the second cluster begin with \`TEMPORAL_STANDBY_\` instead
of \`TEMPORAL_\`, such as \`TEMPORAL_STANDBY_API_KEY\` or \`TEMPORAL_STANDBY_PROFILE\`; a variable of main does not count for it.

${table(TEMPORAL_VARIABLES)}

## Commands of this repository

Without these, \`npm run ops\` and \`npm run publish-event\` use the servers of \`npm start\`; \`npm run ops -- doctor\` reads the same variables as a worker.

${table(COMMAND_VARIABLES)}
`;
}

function variablesOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const rows = Object.entries(properties as Record<string, Variable>).map(
    ([name, variable]) =>
      `| \`${name}\` | ${defaultOf(variable, required.includes(name))} | ${allowed(variable)} | ${variable.description ?? ''} |`,
  );
  return ['| variable | default | allowed | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function defaultOf({ default: value }: Variable, isRequired: boolean): string {
  if (value === undefined || value === '') return isRequired ? 'required' : 'none';
  // oxlint-disable-next-line typescript/no-base-to-string -- defaults are texts and numbers
  return `\`${String(value)}\``;
}

function allowed({ enum: names, minimum, maximum = Number.MAX_SAFE_INTEGER }: Variable): string {
  if (names) return names.join(', ');
  if (minimum === undefined) return '';
  return maximum >= Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `${minimum} to ${maximum}`;
}

const table = (variables: Readonly<Record<string, string>>): string =>
  [
    '| variable | meaning |',
    '| --- | --- |',
    ...Object.entries(variables).map(([name, text]) => `| \`${name}\` | ${text} |`),
  ].join('\n');
