import { INSTALLATION } from '../../protocol/constants';
import type { PARKED_QUEUES, SITE_ID } from '../../protocol/search-attributes';
import { CLUSTER_NAME, type ClusterConfig } from '../../workers/clusters';

type Attribute = typeof SITE_ID | typeof PARKED_QUEUES; // of either type

const TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;
const CLOUD = /\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/;

/**
 * Remedies for a cluster, as commands of the `temporal` CLI that can be pasted; secrets are named by their variables or files.
 *
 * @param prefix of the variables that describe the cluster: TEMPORAL_ or TEMPORAL_STANDBY_
 */
export function createRemedies(
  { name, address, namespace }: Pick<ClusterConfig, 'name' | 'address' | 'namespace'>,
  prefix: string,
  environment = process.env,
) {
  const flags = [
    ['tls-ca-path', 'TLS_SERVER_CA_CERT_PATH'],
    ['tls-cert-path', 'TLS_CLIENT_CERT_PATH'],
    ['tls-key-path', 'TLS_CLIENT_KEY_PATH'],
    ['tls-server-name', 'TLS_SERVER_NAME'],
  ].flatMap(([flag, variable]) => {
    const path = environment[`${prefix}${variable}`];
    return path ? [`--${flag} '${path}'`] : [];
  });
  const keyFile = environment[`${prefix}API_KEY_FILE`];
  const key = keyFile ? `$(cat '${keyFile}')` : environment[`${prefix}API_KEY`] ? `$${prefix}API_KEY` : undefined;
  const secret = key === undefined ? [] : [`TEMPORAL_API_KEY="${key}"`]; // arguments of a process are seen by all users of a machine
  const [operator, schedule] = ['temporal operator', 'temporal schedule'].map((command) =>
    [...secret, command, `--address ${address}`, ...flags].join(' '),
  );
  const onCloud = CLOUD.test(address);
  return {
    start: `Start it, or correct ${prefix}ADDRESS; where it asks for TLS, ${prefix}TLS_SERVER_CA_CERT_PATH and a certificate.`,
    credentials: `Set the credentials that it asks for: ${prefix}API_KEY or ${prefix}API_KEY_FILE, or ${prefix}TLS_CLIENT_CERT_PATH and ${prefix}TLS_CLIENT_KEY_PATH.`,
    token:
      'Less than a quarter of its time is left: renew it, or see why the job that renews it does not run (docs/deploying-access.md).',
    permission:
      'Ask for the right to do this in that namespace; workers need it at start, unless namespace, search attributes and schedule are there.',
    tls: `The connection is not encrypted: set ${prefix}TLS_SERVER_CA_CERT_PATH and a certificate (deploy/temporal/temporal.env.example).`,
    namespace: onCloud
      ? `Make the namespace ${namespace} in Temporal Cloud, and give this key or certificate the right to write to it.`
      : `${operator} namespace create --namespace ${namespace} --retention 72h --data ${CLUSTER_NAME}=${name}     (or start a worker)`,
    name: onCloud
      ? 'Nothing: only the check against mixed-up addresses is missing.'
      : `${operator} namespace update --namespace ${namespace} --data ${CLUSTER_NAME}=${name}     (or start a worker)`,
    installation: (id: string) =>
      onCloud
        ? 'Nothing: only the check against mixed-up installations is missing.'
        : `${operator} namespace update --namespace ${namespace} --data ${INSTALLATION}=${id}     (or start a worker)`,
    otherInstallation: (id: string) =>
      `Correct ${prefix}ADDRESS or DATABASE_URL: two installations were mixed up, and no worker starts on it. Only if the database is a new one: ` +
      `${operator} namespace update --namespace ${namespace} --data ${INSTALLATION}=${id}`,
    otherName: `Correct ${prefix}ADDRESS or ${prefix}CLUSTER_NAME: two clusters were mixed up. No worker starts on it.`,
    retention: (hours: number) =>
      onCloud
        ? `tcld namespace retention set --namespace ${namespace} --retention-days ${Math.ceil(hours / 24)}     (or correct TEMPORAL_RETENTION_HOURS)`
        : `${operator} namespace update --namespace ${namespace} --retention ${hours}h     (or correct TEMPORAL_RETENTION_HOURS)`,
    blobSize: (bytes: number) => `In the server's dynamic configuration: limit.blobSize.error: [{ value: ${bytes} }]`,
    searchAttributes: (missing: readonly Attribute[]) =>
      onCloud
        ? `tcld namespace search-attributes add --namespace ${namespace} ${missing.map((one) => `--search-attribute ${one.name}=${TYPES[one.type]}`).join(' ')}`
        : `${operator} search-attribute create --namespace ${namespace} ${missing.map((one) => `--name ${one.name} --type ${TYPES[one.type]}`).join(' ')}`,
    sweep: {
      missing: 'Start a worker, which makes it.',
      paused: `${schedule} toggle --namespace ${namespace} --schedule-id sweep --unpause --reason 'the sweep is needed'`,
      other: 'Start a worker of this version; all workers need the same SWEEP_EVERY_SECONDS.',
    },
    worker: 'node dist/workers/main.js, with this environment (or systemctl start chat-events-worker)',
  };
}
