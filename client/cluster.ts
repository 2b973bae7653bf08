import { ClusterHealth, type ClusterHealthOptions } from './cluster-health';
import { probeCluster } from './probe-cluster';
import { openCluster, type ClusterConnection, type Treatment } from './open-cluster';
import type { ClusterOptions } from './publisher-options';

/** A cluster as one publisher sees it: how it is, and the connection to it. It connects when it is first needed. */
export class Cluster {
  readonly name: string;
  readonly health: ClusterHealth;
  /** Events that it has accepted from this publisher. */
  accepted = 0;
  readonly #open: () => ClusterConnection;
  #connection: ClusterConnection;
  #closed: Promise<void> = Promise.resolve();

  constructor(where: ClusterOptions, treatment?: Treatment, options?: ClusterHealthOptions) {
    this.name = where.name;
    const installation = treatment?.installation;
    this.health = new ClusterHealth(where, {
      probe: (at, how) => probeCluster(at, { ...how, installation }),
      ...options,
    });
    this.#open = () => openCluster(where, treatment);
    this.#connection = this.#open();
    this.health.onChange(() => {
      if (this.health.isUsable) this.reconnect(this.#connection);
    });
  }

  get connection(): ClusterConnection {
    return this.#connection;
  }

  /**
   * A connection was silent while a probe on another had an answer, or is from before an outage: it may be dead, which
   * gRPC would report late. Calls that are under way on it may still succeed.
   */
  reconnect(old: ClusterConnection): void {
    if (old !== this.#connection) return; // done already
    this.#connection = this.#open();
    const before = this.#closed;
    this.#closed = old.close().then(() => before);
  }

  /** A call that fails tells the cluster's state: rejects when the state is known. */
  async call<T>(make: (connection: ClusterConnection) => Promise<T>): Promise<T> {
    try {
      return await make(this.#connection);
    } catch (error) {
      await this.health.doubt();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.health.close(), this.#connection.close(), this.#closed]);
  }
}
