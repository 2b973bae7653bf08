import type { ReactNode } from 'react';
import { cutText } from '../../../events/cut-text';

const ALLOWED = ['http:', 'https:', 'mailto:'];
const LONGEST = 2_000_000;
const WRITTEN_STYLE = {
  fontFamily: 'inherit',
  whiteSpace: 'pre-wrap',
  wordBreak: 'break-word',
  textAlign: 'start',
  unicodeBidi: 'plaintext',
} as const;

/** The frame of every mail: no images, no styles from elsewhere, nothing that is loaded. */
export function Layout({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>{title}</title>
      </head>
      <body style={{ fontFamily: 'Arial, sans-serif', fontSize: '14px', lineHeight: '1.5', color: '#1f2328' }}>
        <h1 dir="auto" style={{ fontSize: '18px' }}>
          {title}
        </h1>
        {children}
      </body>
    </html>
  );
}

/** The known values, one line each; empty ones are left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [label: string, value: ReactNode])[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined);
  if (known.length === 0) return null;
  return (
    <p>
      {known.map(([label, value], at) => (
        <span key={at}>
          {at > 0 && <br />}
          <strong>{label}:</strong> <bdi>{value}</bdi>
        </span>
      ))}
    </p>
  );
}

/** A link that shows where it leads; an address of any other kind than http, https and mailto stays text. */
export function Link({ url }: { readonly url: string | null }) {
  const target = url !== null && URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !ALLOWED.includes(target.protocol)) return url;
  return <a href={target.href}>{target.href}</a>;
}

interface WrittenProps {
  readonly text: string;
  /** Of those who wrote it, BCP 47. */
  readonly language: string | undefined;
}

/**
 * Text as it was written, with its lines, each in the direction of its own script; text beyond two million characters is left
 * out, and it says so.
 */
export function Written({ text, language }: WrittenProps) {
  return (
    <>
      <pre dir="auto" lang={language} style={WRITTEN_STYLE}>
        {cutText(text, LONGEST, 'units')}
      </pre>
      {text.length > LONGEST && <p>The text goes on: {text.length - LONGEST} more characters are not in this mail.</p>}
    </>
  );
}

type Field = { readonly name: string | null; readonly value: string | null; readonly url?: string | null };

/** Fields and variables that the site defined, as facts. */
export function siteFacts(fields: readonly Field[]): [string, ReactNode][] {
  return fields
    .filter(({ value }) => value !== null)
    .map(({ name, value, url = null }) => [
      name ?? 'Field',
      url === null ? (
        value
      ) : (
        <>
          {value} (<Link url={url} />)
        </>
      ),
    ]);
}
