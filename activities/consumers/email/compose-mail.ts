import { plainTextSelectors } from '@react-email/render';
import { compile } from 'html-to-text';
import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { ChatEvent } from '../../../events/catalogue';
import { readAsciiAddress } from '../../../events/address';
import { enteredAddress } from '../../../events/visitor-address';
import type { Attachment } from '../../../events/attachment';

import { fileName } from '../../file-name';
import type { EmailConfig } from './account';
import { cleanLine, cleanTexts } from '../../clean-text';
import type { MailedEvent, Recipient } from './find-recipients';
import { languageTag } from './language-tag';
import { OfflineMessage } from './offline-message';
import { Transcript } from './transcript';

/** The mail that every recipient of one audience gets. */
export interface Content {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Where an answer goes, if not to the sender. */
  readonly replyTo: string | null;
  /** An id that the mails of one chat share, so that mail programs show them together; null = they stand alone. */
  readonly chatId: string | null;
  readonly files: readonly Attachment[];
}

type Sender = EmailConfig['from'];

interface Draft {
  readonly subject: string;
  readonly page: (title: string) => ReactElement;
  readonly chatId: string | null;
}

/** As `toPlainText` of react-email, which compiles its selectors for each text anew: a third of the cost of a mail. */
const toPlainText = compile({
  wordwrap: false,
  selectors: [...plainTextSelectors, { selector: 'h1', options: { uppercase: false } }],
});

/** Writes the mail of an event for the visitor, or for staff. The same event is always written the same way. */
export function composeContent(event: MailedEvent, files: readonly Attachment[], isForVisitor: boolean): Content {
  const draft = event.type === 'Chat.Ended' ? draftTranscript(event, isForVisitor) : draftOfflineMessage(event);
  const subject = cleanLine(draft.subject);
  const html = `<!DOCTYPE html>${renderToStaticMarkup(draft.page(subject))}`;
  const text = toPlainText(html);
  // One in another script would make the header one that only servers with SMTPUTF8 take; it stands in the text.
  const replyTo = isForVisitor ? null : readAsciiAddress(enteredAddress(event));
  return { subject, html, text, replyTo, chatId: draft.chatId, files };
}

function draftTranscript(event: ChatEvent<'Chat.Ended'>, isForVisitor: boolean): Draft {
  const data = cleanTexts(event.data);
  const { contact, chatId } = data.chat;
  const name = contact.name ?? data.visitor?.lastKnownName ?? 'a visitor';
  return {
    subject: isForVisitor ? 'Transcript of your chat' : `Chat with ${name}`,
    page: (title) =>
      createElement(Transcript, { title, data, isForVisitor, language: languageTag(data.visitor?.language) }),
    chatId,
  };
}

function draftOfflineMessage(event: ChatEvent<'OfflineMessage.Submit'>): Draft {
  const data = cleanTexts(event.data);
  const { contact, title: subject, sourceChatId } = data;
  return {
    subject: `Offline message: ${subject ?? `from ${contact.name ?? 'a visitor'}`}`,
    page: (title) => createElement(OfflineMessage, { title, data, language: languageTag(data.visitor.language) }),
    chatId: sourceChatId,
  };
}

/**
 * Out-of-office answers: RFC 3834 forbids them to `auto-generated` messages, and sends them to the Return-Path, our `from`, else.
 * Exchange minds its own header only ([MS-OXCMAIL] 2.1.3.2.20), and may answer to Reply-To; so does Gmail, but not to `bulk`.
 */
const NO_AUTOMATIC_ANSWERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/** One message to one recipient: every byte of it follows from these parameters, so that a retry sends the same again. */
export function composeMail(
  { siteId, receivedAt }: MailedEvent,
  deliveryId: string,
  from: Sender,
  recipient: Recipient,
  { subject, html, text, replyTo, chatId, files }: Content,
): SendMailOptions {
  const messageId = messageIdOf(deliveryId, from, recipient);
  return {
    messageId,
    date: new Date(receivedAt),
    baseBoundary: digest(messageId),
    xMailer: false,
    from: { name: cleanLine(from.name ?? ''), address: from.address },
    to: { name: '', address: recipient.address },
    ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
    ...(chatId !== null && { references: `<${digest(JSON.stringify([siteId, chatId]))}.chat@${domainOf(from)}>` }),
    headers: { ...NO_AUTOMATIC_ANSWERS, ...(replyTo !== null && { Precedence: 'bulk' }) },
    subject,
    html,
    text,
    attachments: files.map(({ name, content }) => ({
      filename: fileName(name, 'attachment'),
      content,
      // Never a type that a mail program would show or run by itself.
      contentType: 'application/octet-stream',
      contentDisposition: 'attachment' as const,
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The same on every try, by which a repeat is known; it stands for the recipient without naming them. */
export const messageIdOf = (deliveryId: string, from: Sender, { hash }: Recipient): string =>
  `<${deliveryId}.${hash}@${domainOf(from)}>`;

const domainOf = ({ address }: Sender): string => address.slice(address.indexOf('@') + 1);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
