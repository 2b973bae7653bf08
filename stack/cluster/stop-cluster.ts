import { endDaemon } from './daemon';
import type { ClusterLayout } from './lay-out';
import { POSTGRES, uiOf } from './start-cluster';

/**
 * Ends the processes of `startCluster` that still run: servers first, then their database. Bounded; data stays.
 *
 * @returns the names of the processes that it has ended
 */
export async function stopCluster({ folder, servers }: ClusterLayout): Promise<string[]> {
  const names = servers.flatMap((server) => [server.name, uiOf(server)]);
  const ended = await Promise.all(
    names.map(async (name) => ((await endDaemon(folder, name, [['SIGTERM', 20_000]])) ? [name] : [])),
  );
  const database = await endDaemon(folder, POSTGRES, [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5_000],
  ]);
  return [...ended.flat(), ...(database ? [POSTGRES] : [])];
}
