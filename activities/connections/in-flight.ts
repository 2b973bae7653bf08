/** Counts the sends that are under way in this process, by connection. */
export class InFlight {
  private readonly counts = new Map<string, number>();

  /** @returns what to call when the send has ended; undefined when `most` are under way already */
  enter(connectionId: string, most: number): (() => void) | undefined {
    const now = this.counts.get(connectionId) ?? 0;
    if (now >= most) return undefined;
    this.counts.set(connectionId, now + 1);
    return () => {
      const left = (this.counts.get(connectionId) ?? 1) - 1;
      if (left === 0) this.counts.delete(connectionId);
      else this.counts.set(connectionId, left);
    };
  }
}
