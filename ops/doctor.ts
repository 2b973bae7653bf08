import type { Command } from 'commander';
import { readPayloadKeys } from '../client/payload-keys';
import { readClusters } from '../workers/clusters';
import { readConfig, readSecretBox } from '../workers/config';
import { InvalidConfiguration } from '../workers/read-environment';
import { checkCluster } from './doctor/check-cluster';
import { checkClusterStore } from './doctor/check-cluster-store';
import { checkDatabase, findInstallation } from './doctor/check-database';
import { checkLargeEvents, checkPayloadKeys } from './doctor/check-process';
import type { Finding } from './doctor/finding';
import type { Ops } from './open-ops';
import { CommandFailure, print } from './output';

/** `ops doctor`: checks the servers and rights that a worker with this environment needs. */
export function addDoctorCommand(doctor: Command, ops: Ops): void {
  doctor.option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const findings = await examine(await ops.environment());
    print(json ? JSON.stringify(findings, undefined, 2) : describe(findings));
    const failed = findings.filter(({ state }) => state === 'fail').length;
    if (failed > 0) throw new CommandFailure(`${failed} of ${findings.length} checks failed.`);
  });
}

/** Runs all checks at the same time, so that a silent server delays no other check. */
export async function examine(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const line = { of: 'this process', check: 'configuration' };
  try {
    const config = readConfig(environment);
    const clusters = readClusters(config, environment);
    const installation = findInstallation(config.DATABASE_URL);
    const found = await Promise.all([
      ...clusters.map((cluster, i) =>
        checkCluster(cluster, config, i === 0 ? 'TEMPORAL_' : 'TEMPORAL_STANDBY_', installation),
      ),
      checkDatabase({
        url: config.DATABASE_URL,
        secretBox: readSecretBox(config),
        poolSize: config.DATABASE_POOL_SIZE,
      }),
      checkLargeEvents(config.LARGE_EVENTS_DIR),
      ...clusters.map(({ name }, i) => {
        const variable = `${i === 0 ? 'TEMPORAL_' : 'TEMPORAL_STANDBY_'}DATABASE_URL`;
        return checkClusterStore(name, environment[variable], variable);
      }),
    ]);
    const standby: Finding = {
      ...line,
      state: clusters.length > 1 ? 'ok' : 'warn',
      found: clusters.length > 1 ? 'complete' : 'there is no standby: while main is down, events wait',
      ...(clusters.length === 1 && { remedy: 'Set TEMPORAL_STANDBY_ADDRESS (docs/deploying.md).' }),
    };
    return [standby, checkPayloadKeys(readPayloadKeys(config)), ...found.flat()];
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    return [{ ...line, state: 'fail', found: error.message, remedy: 'docs/configuration.md' }];
  }
}

/** A line for each check, and below a warning or failure its remedy. */
function describe(findings: readonly Finding[]): string {
  const widest = (textOf: (finding: Finding) => string) => Math.max(...findings.map((one) => textOf(one).length));
  const [ofWidth, checkWidth] = [widest(({ of }) => of), widest(({ check }) => check)];
  return findings
    .flatMap(({ of, check, state, found, remedy }) => [
      [state.padEnd(4), of.padEnd(ofWidth), check.padEnd(checkWidth), found].join('  '),
      ...(remedy === undefined ? [] : [`      -> ${remedy}`]),
    ])
    .join('\n');
}
