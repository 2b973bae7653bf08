import type { Attachment } from '../../../events/attachment';

import { fileName } from '../../file-name';
import { mediaTypeOf } from './media-type';

/** A file to be attached to a ticket. */
export interface NewFile {
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly content: Buffer;
}

/** Files of a ticket: those that the event carried, and the whole text where the comment has only its beginning. */
export function filesOf(attachments: readonly Attachment[], wholeText: WholeText | null): NewFile[] {
  const written = attachments.filter(({ content }) => content.length > 0); // Zendesk takes no empty file
  const files = written.map(({ name, content }) => {
    const cleaned = fileName(name, 'attachment');
    return { name: cleaned, type: mediaTypeOf(cleaned), content };
  });
  if (wholeText === null) return files;
  const content = Buffer.from(wholeText.text);
  return [...files, { name: wholeText.fileName, type: 'text/plain; charset=utf-8', content }];
}

export interface WholeText {
  readonly fileName: string;
  readonly text: string;
}
