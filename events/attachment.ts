/** A file that an event carried inline, and that is kept apart from it. */
export interface Attachment {
  /** Its place in the event's `attachments`. */
  readonly position: number;
  readonly name: string | null;
  readonly content: Buffer;
}
