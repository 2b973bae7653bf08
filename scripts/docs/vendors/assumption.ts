/** An assumption of the code about a service that is not ours. */
export interface Assumption {
  /** A plain sentence. */
  readonly fact: string;
  /** The page or thread that says it. */
  readonly source: string;
  /** `documented` by the vendor, `reported` by users or other projects, or `open`: no source settles it. */
  readonly basis: 'documented' | 'reported' | 'open';
}

/** When all of them were last looked up. One that is looked up alone later has its own line with its day in `source`. */
export const CHECKED = '2026-11-30';
