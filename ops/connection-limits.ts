import type { ConnectionKind } from '../activities/consumer';
import type { SealedConnection } from '../db/connections';

export interface LimitOptions {
  readonly eventTypes?: readonly string[];
  readonly maxInFlight?: number;
  readonly rate?: number;
}

type Limits = Pick<SealedConnection, 'eventTypes' | 'maxInFlight' | 'ratePerSecond'>;

/** The limits of the command line, over the stored ones, or over those that the destination of a new connection allows. */
export function limitsOf({ eventTypes, maxInFlight, rate }: LimitOptions, before: Partial<Limits> | undefined): Limits {
  return {
    eventTypes: eventTypes ?? before?.eventTypes ?? [],
    maxInFlight: maxInFlight ?? before?.maxInFlight ?? 10,
    ratePerSecond: rate ?? before?.ratePerSecond ?? null,
  };
}

/** A warning where a connection may send more than its destination takes from an account. */
export function adviseLimits(
  kind: Pick<ConnectionKind, 'limits'>,
  { config, maxInFlight, ratePerSecond }: Pick<SealedConnection, 'config' | 'maxInFlight' | 'ratePerSecond'>,
): string[] {
  const allowed = kind.limits?.(config) ?? {};
  const advice = [
    ...((allowed.maxInFlight ?? Infinity) < maxInFlight ? [`--max-in-flight ${allowed.maxInFlight}`] : []),
    ...((allowed.ratePerSecond ?? Infinity) < (ratePerSecond ?? Infinity) ? [`--rate ${allowed.ratePerSecond}`] : []),
  ];
  if (advice.length === 0) return [];
  return [`It may send more than the destination takes from one account: mend it with ${advice.join(' ')}.`];
}
