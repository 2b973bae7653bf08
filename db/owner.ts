/** Cluster and workflow that carry a delivery. */
export interface Owner {
  readonly cluster: string;
  readonly workflowId: string;
}
