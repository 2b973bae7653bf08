/** One line of the doctor. */
export interface Finding {
  /** The subject of the check: the name of a cluster, `database`, or `this process`. */
  readonly of: string;
  readonly check: string;
  /** `warn`: it works, but production should have it otherwise. `fail`: events wait, or are refused. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** The command to run, or the variable to set. */
  readonly remedy?: string;
}

/** A clock that is further off than this makes receipt times and certificates doubtful. */
const CLOCK_WARN_MS = 2_000;
/** Receivers of webhooks refuse a message that was signed five minutes ago. */
const CLOCK_FAIL_MS = 60_000;

/** @param differenceMs how far their clock is ahead of this process's */
export function clockFinding(of: string, differenceMs: number): Finding {
  const off = Math.abs(differenceMs);
  const seconds = (off / 1000).toFixed(1);
  const found =
    off < 500 ? 'the same as here' : `${seconds} s ${differenceMs > 0 ? 'ahead of' : 'behind'} this machine`;
  const state = off > CLOCK_FAIL_MS ? 'fail' : off > CLOCK_WARN_MS ? 'warn' : 'ok';
  const remedy = 'Let both machines take their time from NTP: timedatectl set-ntp true';
  return { of, check: 'clock', state, found, ...(state !== 'ok' && { remedy }) };
}
