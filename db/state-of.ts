/**
 * The state of a delivery, for statements that know ids or keys. As a bare column it tempts the planner, whose statistics may be
 * from before a backlog, into one of the sweep's partial indices, and that is through the whole backlog.
 */
export const stateOf = (table: string): string => `(${table}.state || '')`;
