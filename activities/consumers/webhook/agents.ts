import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createHostResolver } from '../../http/dns/host-resolver';
import { createGuardedAgent, type GuardedAgent, type GuardOptions } from '../../http/guard';
import type { ClientCertificate } from './account';

/** Certificates whose connections stay open at the same time. */
const MOST_CERTIFICATES = 500;

/** The agents of a worker: one for all endpoints, and one for each client certificate. */
export function createAgents(guard: GuardOptions) {
  const shared = { ...guard, resolver: guard.resolver ?? createHostResolver() };
  const plain = createGuardedAgent(shared);
  const certified = new LRUCache<string, GuardedAgent, ClientCertificate>({
    max: MOST_CERTIFICATES,
    memoMethod: (_key, _old, { context }) => createGuardedAgent(shared, context),
    dispose: (agent) => void agent.close().catch(() => {}), // when its requests have their answers
  });
  return {
    plain,
    of: (certificate: ClientCertificate | undefined): GuardedAgent =>
      certificate === undefined
        ? plain
        : certified.memo(createHash('sha256').update(JSON.stringify(certificate)).digest('hex'), {
            context: certificate,
          }),
    async destroy(): Promise<void> {
      await Promise.all([plain, ...certified.values()].map((agent) => agent.destroy()));
    },
  };
}
