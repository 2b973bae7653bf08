import { Installation } from './installation';
import { THRESHOLD_BYTES } from './large-events';
import type { Payloads } from './payloads';
import { Cluster } from './cluster';
import type { Failure } from './read-failure';
import type { ClusterStatus } from './publisher';
import type { PublisherSettings } from './publisher-options';

export interface ClustersOptions extends Pick<PublisherSettings, 'clusters' | 'takeoverAfterMs' | 'interceptors'> {
  /** Milliseconds that a question to a cluster in doubt may take. */
  readonly probeDeadlineMs: number;
  /** The one that they have to belong to. Default: that of the first that answers. */
  readonly installation?: Installation;
}

/** The clusters of one publisher, in its order of preference. */
export class Clusters {
  readonly all: readonly Cluster[];
  readonly installation: Installation;
  readonly #waiting = new Set<() => void>();
  /** Receipts that said so. */
  duplicates = 0;
  /** Events that went to another cluster than the one that was tried first, or were started again as the database did not know them. */
  takenOver = 0;
  /** Events with more bytes of JSON are kept outside of Temporal. */
  readonly largeFromBytes: number;

  constructor(
    { clusters, interceptors, installation = new Installation(), probeDeadlineMs, takeoverAfterMs }: ClustersOptions,
    payloads: Payloads = {},
  ) {
    this.installation = installation;
    this.all = clusters.map(
      (where) => new Cluster(where, { ...payloads, interceptors, installation }, { probeDeadlineMs, takeoverAfterMs }),
    );
    this.largeFromBytes = payloads.store === undefined ? Infinity : THRESHOLD_BYTES;
  }

  /** Where work goes now: the first that is up or slow. */
  get preferred(): Cluster | undefined {
    return this.all.find(({ health }) => health.isUsable);
  }

  /** All answer, and none is ready: why not the first. Undefined: at least one is not known to be so; waiting may help. */
  get notReady(): (Failure & { readonly name: string }) | undefined {
    const [first] = this.all;
    if (!this.all.every(({ health }) => health.standing.verdict === 'not ready')) return undefined;
    return first?.health.failure && { ...first.health.failure, name: first.name };
  }

  get names(): string[] {
    return this.all.map(({ name }) => name);
  }

  /** Why no cluster takes a start; of several, each by its name. */
  get reason(): string {
    const prefixOf = (name: string): string => (this.all.length === 1 ? '' : `${name}: `);
    return this.all.map(({ name, health }) => prefixOf(name) + (health.standing.reason || 'no answer')).join('; ');
  }

  /** How the first failed, if it did. */
  get cause(): Error | undefined {
    return this.all[0]?.health.failure?.cause;
  }

  /** Nothing listens at any address, as ClusterHealth has it: waiting will hardly help. */
  refuseConnections(forMs: number): boolean {
    return this.all.every(({ health }) => health.refusesConnections(forMs));
  }

  /**
   * Waits until one is usable, for so many milliseconds at most.
   *
   * @param refusedForMs if given, it waits no longer where all have refused connections for so long
   * @returns whether one is usable
   */
  async untilUsable(ms: number, refusedForMs?: number): Promise<boolean> {
    const isHopeless = (): boolean => refusedForMs !== undefined && this.refuseConnections(refusedForMs);
    const isOver = (): boolean => this.preferred !== undefined || isHopeless();
    if (isOver() || ms <= 0) return this.preferred !== undefined;
    return await new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        forget.forEach((each) => each());
        this.#waiting.delete(settle);
        resolve(this.preferred !== undefined);
      };
      const timer = setTimeout(settle, ms);
      const forget = this.all.map(({ health }) => health.onChange(() => isOver() && settle()));
      this.#waiting.add(settle);
    });
  }

  /** An event was accepted. */
  count(cluster: Cluster, { duplicate, moved }: { readonly duplicate: boolean; readonly moved: boolean }): void {
    cluster.accepted += 1;
    if (duplicate) this.duplicates += 1;
    if (moved) this.takenOver += 1;
  }

  status(): ClusterStatus[] {
    return this.all.map(({ name, health, accepted }) => ({ name, ...health.standing, accepted }));
  }

  /** Callers that wait for a usable cluster stop waiting. */
  async close(): Promise<void> {
    for (const settle of this.#waiting) settle();
    await Promise.all(this.all.map((cluster) => cluster.close()));
  }
}
