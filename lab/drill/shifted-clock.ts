/** Imported before a program: its clock is `CLOCK_SHIFT_MS` milliseconds ahead (or behind, below 0). Of JavaScript's clock, not of native code's. */
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [ShiftedDate.now()] : given) as [number])); // any arguments of Date
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

// A Date that is called as a function gives a text, which a class cannot; no code here does that.
globalThis.Date = ShiftedDate as DateConstructor;
