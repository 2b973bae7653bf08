import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { Owner } from '../../db/owner';
import type { RefusedEvent } from '../../db/insert-refused-events';
import type { Problem } from '../../events/read-event';
import type { ReadInput } from './read-input';

const REFUSED_IDS = 'c7a3f1de-8f0c-4f4e-9a52-6f2c3a0e8b11';

/** The row of an input that is not recorded; the same input of the same workflow has the same id. */
export function refuseEvent(one: ReadInput, owner: Owner, problems: readonly Problem[]): RefusedEvent {
  const { type, siteId } = one.ok ? one.event : claimedBy(one.input);
  const raw = Buffer.from(rawOf(one.input));
  const digest = createHash('sha256').update(raw).digest('hex');
  return {
    id: uuidV5(JSON.stringify([owner.cluster, owner.workflowId, one.position, digest]), REFUSED_IDS),
    key: one.key ?? null,
    type: printable(type),
    siteId: printable(siteId),
    problems: problems.map(({ path, problem }) => ({ path: path.replace(/\p{C}/gu, '?'), problem })),
    raw,
    position: one.position,
  };
}

/** A value that was read on a thread with a larger stack may be nested too deep for this one. */
function rawOf(input: unknown): string {
  try {
    return JSON.stringify(input) ?? 'null';
  } catch {
    return '"nested too deep to be kept"';
  }
}

/** Type and site that a refused input claims. */
function claimedBy(input: unknown): { type: unknown; siteId: unknown } {
  const { type, siteId } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  return { type, siteId };
}

const printable = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 64)
    : null;
