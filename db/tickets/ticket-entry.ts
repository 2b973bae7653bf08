/** What one event adds to a ticket, and the ticket that it opens where there is none yet. */
export interface TicketEntry {
  readonly eventKey: string;
  readonly siteId: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  /** The chat server's id of the ticket that it is for; null where it names none. */
  readonly externalTicketId: string | null;
  /** False for what is appended: it names a ticket, and opens one only under that name. */
  readonly opens: boolean;
  readonly subject: string;
  readonly source: 'chat' | 'offlineMessage';
  /** The chat itself, where the source is one. */
  readonly chatId: string | null;
  /** The chat that an offline message came out of. */
  readonly sourceChatId: string | null;
  readonly departmentId: string | null;
  readonly agentId: string | null;
  readonly agentIds: readonly string[];
  /** Null where there is no address that names a person. */
  readonly requester: Requester | null;
  readonly message: {
    readonly kind: 'transcript' | 'offlineMessage';
    readonly authorName: string | null;
    readonly authorEmail: string | null;
    readonly body: string | null;
  };
  readonly attachments: readonly TicketFile[];
}

/** Who wants something, known by the address within the site. */
export interface Requester {
  /** Trimmed, lower case. */
  readonly email: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly company: string | null;
}

/** A file by reference: its url, or name, size in bytes and hash of what is stored with the event. */
export interface TicketFile {
  readonly name: string | null;
  readonly size: number | null;
  /** Hexadecimal. */
  readonly sha256: string | null;
  readonly url: string | null;
  /** From an agent's note: not for the visitor. */
  readonly isNote: boolean;
}
