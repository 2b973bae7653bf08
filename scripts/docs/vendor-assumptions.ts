import { replies } from '../../activities/consumers/email/fake/replies';
import {
  answers as salesforce,
  errors,
  parts as salesforceParts,
} from '../../activities/consumers/salesforce/fake/answers';
import { answers as slack } from '../../activities/consumers/slack/fake/answers';
import { answers as zendesk, parts as zendeskParts } from '../../activities/consumers/zendesk/fake/answers';
import type { Sourced } from '../../activities/http/fake/fill-answer';
import { CHECKED, type Assumption } from './vendors/assumption';
import { mailAssumptions } from './vendors/mail';
import { salesforceAssumptions } from './vendors/salesforce';
import { slackAssumptions } from './vendors/slack';
import { webhookAssumptions } from './vendors/webhooks';
import { zendeskAssumptions } from './vendors/zendesk';

const INTRODUCTION = `# Assumptions about other services

The code assumes these facts about Salesforce, Zendesk, Slack, mail servers and receivers of webhooks, and the fakes give these answers in
tests. Each has its source. A fact is \`documented\` by the vendor, \`reported\` by users or other projects, or \`open\`: no source settles
it, and the code works either way. The facts were last looked up on ${CHECKED}. An answer marked \`not checked\` was not compared with its
source: record one of your account before you rely on it.

If your account answers otherwise, record the answers by \`npm run ops -- connections check 10001/zendesk/support --record DIR\` and send
them with your report. Secrets and personal data are left out of the files ([how](connections.md#record-the-answers-of-a-destination)).
`;

interface Answer extends Sourced {
  readonly status?: number | string;
}

/** docs/vendor-assumptions.md: facts by vendor, and the answers of the fakes. */
export function vendorAssumptions(): string {
  return [
    INTRODUCTION,
    section('Zendesk', zendeskAssumptions),
    answersOf('Zendesk', { ...zendesk, ...zendeskParts }),
    section('Salesforce', salesforceAssumptions),
    answersOf('Salesforce', { ...salesforce, ...salesforceParts, ...errors }),
    section('Mail', mailAssumptions),
    answersOf('mail server', replies),
    section('Webhooks', webhookAssumptions),
    section('Slack', slackAssumptions),
    answersOf('Slack', slack),
  ].join('\n');
}

const section = (vendor: string, facts: readonly Assumption[]): string =>
  table(
    `## ${vendor}`,
    ['fact', 'basis', 'source'],
    facts.map(({ fact, basis, source }) => [fact, basis, linked(source)]),
  );

const answersOf = (vendor: string, answers: Readonly<Record<string, Answer>>): string =>
  table(
    `### Answers of the fake ${vendor}`,
    ['answer', 'status', 'source', 'checked'],
    Object.entries(answers).map(([name, { status, source, checked }]) => [
      `\`${name}\``,
      status === undefined ? 'a part' : String(status),
      linked(source),
      checked ?? 'not checked',
    ]),
  );

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [title, '', line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** A link is shown by host and last part of its address. */
const linked = (source: string): string =>
  source.replace(/https:\/\/([^\s;,]+)/g, (url, rest: string) => `[${nameOf(rest)}](${url})`);

function nameOf(rest: string): string {
  const host = rest.split('/')[0] ?? rest;
  const last = rest.replace(/\/$/, '').split('/').at(-1) ?? host;
  return last === host ? host : `${host}: ${last.replace(/^articleView\?id=/, '')}`;
}
