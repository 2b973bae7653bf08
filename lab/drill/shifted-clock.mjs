/**
 * Imported before a program: its clock is `CLOCK_SHIFT_MS` milliseconds ahead (or behind, below 0). Of JavaScript's clock, not of
 * native code's. JavaScript, since the threads of a process import it too, where nothing reads TypeScript.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [ShiftedDate.now()] : given));
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
}

// A Date that is called as a function gives a text, which a class cannot; no code here does that.
globalThis.Date = ShiftedDate;
