import type { Tx } from '../../db/tx';

/** Every delivery that waits for its next try may be tried now: a destination is back. */
export async function makeDue(tx: Tx): Promise<void> {
  await tx.query(DUE);
}

const DUE = `update delivery set due_at = now() where state = 'pending'`;
