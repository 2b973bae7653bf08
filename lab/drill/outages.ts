import type { Faults } from '../../activities/consumers/email/fake';

/** Consumers whose destinations can be killed. */
export const DESTINATIONS = ['webhook', 'email', 'salesforce', 'zendesk'] as const;
export type DestinationName = (typeof DESTINATIONS)[number];

/** Destinations that are away, for all sites at once. */
export interface Outages {
  /** As a server that is killed: a request under way has no answer, later connections are cut off. */
  begin(name: DestinationName): void;
  end(name: DestinationName): void;
  /** The fault of a request now. Undefined: it is done and answered. */
  fault(name: DestinationName): 'reset' | 'reset after' | undefined;
  /** The same for a mail server. */
  readonly mail: Faults;
  /** Requests that were done without an answer, and may come again for that. */
  unanswered(): number;
}

export function createOutages(): Outages {
  /** Of those that are away: whether something has been done without an answer. */
  const away = new Map<DestinationName, boolean>();
  let unanswered = 0;

  function fault(name: DestinationName): 'reset' | 'reset after' | undefined {
    const isDead = away.get(name);
    if (isDead === undefined) return undefined;
    if (isDead) return 'reset';
    away.set(name, true);
    unanswered += 1;
    return 'reset after';
  }

  return {
    begin: (name) => void away.set(name, false),
    end: (name) => void away.delete(name),
    fault,
    mail: {
      connect: () => (away.get('email') === true ? 'drop' : undefined),
      beforeData: () => (away.get('email') === true ? 'drop' : undefined),
      data: () => (fault('email') === undefined ? undefined : 'drop'),
    },
    unanswered: () => unanswered,
  };
}
