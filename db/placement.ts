/** Where what is changed is carried on: by its owner's cluster, if that is one of the usable ones, else here. */
export interface Placement {
  readonly here: string;
  readonly usable: readonly string[];
}

/** An event with deliveries that wait for a run. */
export interface WaitingEvent {
  readonly key: string;
  readonly contentHash: string;
}

/** One whose deliveries belong to its own workflow on this cluster. */
export interface PlacedEvent extends WaitingEvent {
  readonly cluster: string;
}

/** The new owner of a row `d`, given the parameters of a Placement. */
export const placed = (here: string, usable: string): string =>
  `case when d.owner_cluster = any(${usable}::text[]) then d.owner_cluster else ${here}::text end`;
