/** A source of numbers that look random and are the same on every run. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in about `share` of the calls, 0 to 1. */
  chance(share: number): boolean;
  /** One of the list. */
  pick<T>(list: readonly [T, ...T[]]): T;
  /** A whole number of so many decimal digits, as text: longs are wider than a JavaScript number. */
  digits(count: number): string;
  /** A GUID as .NET prints it. */
  guid(): string;
}

/** mulberry32: 32 bits of state, good enough for a made-up day, the same on every platform. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const hex = (count: number): string => Array.from({ length: count }, () => between(0, 15).toString(16)).join('');
  return {
    between,
    chance: (share) => next() < share,
    pick: <T>(list: readonly [T, ...T[]]): T => list[between(0, list.length - 1)] ?? list[0],
    digits: (count) => Array.from({ length: count }, (_, i) => between(i === 0 ? 1 : 0, 9)).join(''),
    guid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[between(0, 3)]}${hex(3)}-${hex(12)}`,
  };
}
