/** Parked deliveries of one event that have the same failure and the same connection. */
export interface ParkedGroup {
  readonly failureType: string;
  /** {site}/{consumer}/{name}; undefined = it has none, or an older run told it. */
  readonly connection: string | undefined;
  readonly siteId: string;
  /** Their data queues; at least one. */
  readonly labels: readonly string[];
}

export interface Advice {
  /** The operator's action, and its reason. */
  readonly text: string;
  /** Commands of `chat-events-ops`, in order. */
  readonly commands: readonly string[];
  /** In docs/runbook.md. */
  readonly section: string;
}

type Advise = (group: ParkedGroup) => Omit<Advice, 'section'>;

/** The remedy of each failure, by its type; a table so that no failure shares another one's advice. */
const byFailure: Readonly<Record<string, Advise>> = {
  InvalidConfig: (group) => ({
    text: group.connection
      ? `Correct the configuration of the connection, then redrive. If the connection was removed, discard.`
      : 'Correct the subscription, or install the version that has the consumer, then redrive. If its connection was removed, discard.',
    commands: [group.connection ? mend(group.connection) : 'subscriptions list', redrive(group)],
  }),
  ConnectionBroken: ({ connection, siteId }) => ({
    text: `The destination refuses the credentials of the connection. Get new ones from the site and mend the connection: the sweep then sends within seconds. Before that, a redrive would only park again.`,
    commands: connection ? [mend(connection)] : [`connections list --site ${quote(siteId)}`],
  }),
  Rejected: (group) => ({
    text: 'The destination would refuse it again. Remove the cause that the failure names, then redrive; or discard if the site does not want it.',
    commands: [redrive(group), bulk('discard', group)],
  }),
  Unconfirmed: (group) => ({
    text: 'It was sent and may have arrived: look at its destination first. If it is there, discard; if not, redrive with its data queue named, as no other redrive sends it.',
    commands: [bulk('discard', group), redrive(group)],
  }),
  RateLimited: (group) => ({
    text: 'The destination asked to come back later until no try was left. Ask for a higher limit, or give the connection a lower rate, then redrive slowly.',
    commands: [`${redrive(group)} --rate 1`],
  }),
  Unavailable: (group) => ({
    text: 'The destination did not answer until no try was left. See that it answers, then redrive.',
    commands: [...(group.connection ? [`connections check ${quote(group.connection)}`] : []), redrive(group)],
  }),
  Unexpected: (group) => ({
    text: "The consumer has no name for this error: look for the delivery in the worker's log. Mend it, roll the release out, then redrive.",
    commands: [redrive(group)],
  }),
};

const otherwise: Advise = (group) => ({
  text: 'Remove the cause, then redrive; or discard.',
  commands: [redrive(group)],
});

export function adviseOn(group: ParkedGroup): Advice {
  const { failureType } = group;
  const advise = Object.hasOwn(byFailure, failureType) ? byFailure[failureType] : undefined;
  const section = advise === undefined ? 'Deliveries are parked' : failureType;
  return { ...(advise ?? otherwise)(group), section };
}

const mend = (connection: string): string => `connections mend ${quote(connection)}`;
const redrive = (group: ParkedGroup): string => bulk('redrive', group);

/** Of this site all that is parked alike. */
function bulk(action: string, { siteId, failureType, labels: [label = '', ...others] }: ParkedGroup): string {
  const queue = others.length === 0 ? ` --queue ${quote(label)}` : ''; // an option takes one; without it, all of this failure
  return `deliveries ${action} --site ${quote(siteId)}${queue} --failure ${failureType}`;
}

/** For a shell. */
const quote = (text: string): string => (/^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
