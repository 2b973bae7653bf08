export type ClusterName = 'main' | 'standby';
export type ServerName = ClusterName | 'postgres';

/** How the system of a scenario differs from the usual one: two clusters, two workers, one publisher with a journal. */
export interface SetUp {
  /** Bytes of each publisher's journal; null: it has none. Default 1 GiB. */
  readonly journalBytes?: number | null;
  /** The publishers are sidecars, which are published to by HTTP. Default: false. */
  readonly sidecar?: boolean;
  /** The clusters as each publisher prefers them. Default: one, main first. */
  readonly publishers?: readonly (readonly ClusterName[])[];
  /** Bytes that a transcript is longer. Default 0. */
  readonly padBytes?: number;
  /** The processes, of which the first has a clock that is ahead, and by how many milliseconds. */
  readonly clock?: { readonly of: 'workers' | 'publishers'; readonly shiftMs: number };
  /** RELEASE of the workers. Default: none. */
  readonly release?: string;
  /** The release of the first workers. Default: this one. */
  readonly workersOf?: 'previous release';
  /** This site's webhooks are called by a name of which the name server can be made to say nothing, the other sites' by names that it always knows. */
  readonly silentSite?: string;
  /** The processes that reach main over a network that can be cut. Default: none. */
  readonly network?: 'workers' | 'first worker' | 'publishers';
}
