/** Something that one side has and another lacks. */
export interface Difference {
  readonly lacks: 'event' | 'delivery' | 'workflow' | 'unfinished delivery';
  /** The event's key. */
  readonly key: string;
  /** Sides that lack it: `database`, or names of clusters. */
  readonly lackedBy: readonly string[];
  /** Sides that know of it: a journal's folder, a file of receipts, `database`, or a cluster with its workflow. */
  readonly knownTo: readonly string[];
  /** In words, for people: which deliveries, which workflow. */
  readonly says: string;
}

/** The comparison: how much was looked at, and the differences. */
export interface Reconciled {
  /** Events that were received since, ISO, and before. */
  readonly from: string;
  readonly to: string;
  /** Keys that journals and receipts have; null = none were given. */
  readonly accepted: number | null;
  /** Events and rows of deliveries in the database. */
  readonly events: number;
  readonly deliveries: number;
  /** Of the accepted keys, those that were refused at recording, or erased. */
  readonly refused: number;
  /** Events with an open workflow that has not recorded them yet. */
  readonly notRecordedYet: number;
  /** Clusters whose workflows could not be compared, with the reason. */
  readonly notCompared: readonly { readonly name: string; readonly problem: string }[];
  readonly differences: readonly Difference[];
}
