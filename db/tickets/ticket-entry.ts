/** The entry that one event adds to a ticket, with the properties of the ticket if the event opens it. */
export interface TicketEntry {
  readonly eventKey: string;
  readonly siteId: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  /** The chat server's id of the ticket; null = the event names none. */
  readonly externalTicketId: string | null;
  /** False = the event names a ticket: it is appended there, and opens a ticket only under that name. */
  readonly opens: boolean;
  readonly subject: string;
  readonly source: 'chat' | 'offlineMessage';
  /** The chat, if the source is one. */
  readonly chatId: string | null;
  /** The chat that an offline message belongs to. */
  readonly sourceChatId: string | null;
  readonly departmentId: string | null;
  readonly agentId: string | null;
  readonly agentIds: readonly string[];
  /** Null = no address is known. */
  readonly requester: Requester | null;
  readonly message: {
    readonly kind: 'transcript' | 'offlineMessage';
    readonly authorName: string | null;
    readonly authorEmail: string | null;
    readonly body: string | null;
  };
  readonly attachments: readonly TicketFile[];
}

/** The person that a ticket is for, known by the address within the site. */
export interface Requester {
  /** Trimmed, lower case. */
  readonly email: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly company: string | null;
}

/** A file by reference: its url; or name, size in bytes and hash of the file that is stored with the event. */
export interface TicketFile {
  readonly name: string | null;
  readonly size: number | null;
  /** Hexadecimal. */
  readonly sha256: string | null;
  readonly url: string | null;
  /** From an agent's note, which the visitor does not see. */
  readonly isNote: boolean;
}
