import { consumerNames, policyOf } from '../../activities/consumers';
import { standardPolicy } from '../../activities/deliver/delivery-policy';
import { classifyFailure, failureTypes, UNEXPECTED_TRIES, type FailureType } from '../../activities/failures';
import type * as publishErrors from '../../client/errors';
import { problemTypes } from '../../ingress/problem';

const ADVICE: Record<FailureType, string> = {
  InvalidConfig:
    'correct the address or the configuration of the connection: `ops connections mend`; or correct the subscription, or install the version that has the consumer; then `redrive`',
  ConnectionBroken: 'mend the connection: the sweep sends its deliveries again',
  Rejected: 'remove the cause (the failure names SQLSTATE or status), `redrive`; else `discard`',
  Unconfirmed:
    'look whether it has arrived (the details name the Message-ID, or the last line of a message in Slack): `discard` if so; otherwise `redrive` with the name of its data queue, or in bulk with `failure`; no other redrive sends it',
  Paused: 'nothing; make the subscription active when it may go on',
  RateLimited: 'nothing',
  Unavailable: 'see that the destination, or PostgreSQL, answers',
  Unexpected: "look for the error's name and place in the worker's log; mend it, `redrive`",
};

const PUBLISH_ERRORS: Record<Exclude<keyof typeof publishErrors, 'PublishError'>, string> = {
  InvalidEvent: 'the event cannot be read as its type; `problems` names every problem by path: correct it',
  EventTooLarge: 'it is larger than 20 MiB of JSON, or than 2 MiB where there is no `largeEvents`: send less of it',
  IdConflict: 'the key is published already with other content, and the first stands: choose another id',
  ClusterUnavailable:
    'no cluster accepted it within the deadline, no server listens at any address, or an answer was lost (`mayBeAccepted`); the message says how each is: keep the event, publish it again with the `id` of the error',
  ClusterRefused:
    'refused for a reason that trying again does not change, or no cluster is ready; the message says why and what to do',
  LargeEventStoreUnavailable:
    'the folder of large events does not take it; the message says why and what to do: then publish it again with the `id` of the error',
  JournalFull:
    'the journal holds `journal.maxBytes`: see that Temporal, a worker and the database answer, which empties it; then publish it again with the `id` of the error',
  JournalLocked:
    'another publisher uses the folder of the journal; give each one of its own. Thrown by `createPublisher` where that one surely lives, else the `cause` of `JournalUnavailable`',
  JournalUnavailable:
    'the disk of the journal does not take it, or not within `deadlineMs` (`mayBeAccepted`: it was being written), or another publisher has its folder; the message says why: then publish it again with the `id` of the error',
  PublisherBusy: 'too many events wait already: publish more slowly, or raise `maxWaiting`, `maxWaitingBytes`',
  PublisherClosed: '`close` was called before',
};

/** Appendix A of the PostgreSQL manual, "PostgreSQL Error Codes"; those that a statement of ours can meet. */
const SQLSTATE_CLASSES: Readonly<Record<string, string>> = {
  '08': 'connection exception',
  '22': 'data exception',
  '23': 'integrity constraint violation',
  '25': 'invalid transaction state',
  '28': 'invalid authorization',
  '40': 'transaction rollback',
  '42': 'syntax error or access rule violation',
  '53': 'insufficient resources',
  '54': 'program limit exceeded',
  '55': 'object not in prerequisite state',
  '57': 'operator intervention',
  '58': 'system error',
  P0: 'PL/pgSQL error',
  XX: 'internal error',
};

/** Those with a schedule of their own. */
const CONSUMERS = consumerNames.filter((name) => policyOf(name).delaysMs !== standardPolicy.delaysMs);

function policyRow(consumer: string): string {
  return `| ${consumer} | ${policyOf(consumer).delaysMs.length + 1} | ${waitsOf(consumer)} |`;
}

/** The waits between a consumer's tries, in words. */
export function waitsOf(consumer: string): string {
  const { delaysMs, jitter = 0 } = policyOf(consumer);
  const distinct = delaysMs.filter((ms, i) => ms !== delaysMs[i + 1]).map(inWords);
  const last = delaysMs.at(-1) === delaysMs.at(-2) ? ' each' : '';
  const spread = jitter > 0 ? `, ±${jitter * 100} %` : '';
  return `${distinct.join(', ')}${last}${spread}`;
}

function inWords(ms: number): string {
  if (ms < 120_000) return `${ms / 1000} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 3_600_000} h`;
}

/** docs/failures.md: every way in which a delivery, a workflow or a publish can fail, and what to do. */
export function failuresReference(): string {
  return `# Failures

## Of a delivery

A consumer names the failure; any other error is \`Unexpected\`. The row in \`delivery\` keeps type, message and details: ids, status
codes and names of tables, never data of the event.

| failure | meaning | the delivery | action |
| --- | --- | --- | --- |
${(Object.keys(failureTypes) as FailureType[])
  .map((type) => `| \`${type}\` | ${failureTypes[type].meaning} | ${fate(type)} | ${ADVICE[type]} |`)
  .join('\n')}

A delivery that is tried again waits longer each time. After its last try it is parked with its last failure, and its details say
\`exhausted\`. \`RateLimited\` and failures of our own database cost no try. Each consumer's
\`definition.ts\` has its waits:

| consumer | tries | waits between them |
| --- | --- | --- |
${[...CONSUMERS, 'any other'].map(policyRow).join('\n')}

## What PostgreSQL says

| SQLSTATE class | name | taken as | counts as a try |
| --- | --- | --- | --- |
${Object.entries(SQLSTATE_CLASSES).map(sqlStateRow).sort().join('\n')}

Every other class is \`Unexpected\`. No answer at all is \`Unavailable\` and costs no try.

## Of a workflow

| failure | meaning | action |
| --- | --- | --- |
| \`InvalidEvent\` | the one event of the workflow cannot be recorded; the reasons and the input are in \`refused_event\` ([how to read it](operating.md#where-deliveries-and-events-are-kept)) | correct it, publish it again |
| \`NotRecorded\` | a workflow was started with a key that the database does not know | publish the event again |

## Of publish

Each error has the event's \`type\`, \`id\` and \`key\` as far as they are known.

| error | meaning, and action |
| --- | --- |
${Object.entries(PUBLISH_ERRORS)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join('\n')}

## Of the sidecar

[Its](sidecar.md#answers) answers bear these names, as the last part of \`type\`; those of \`publish\` have the same meaning as above.

| name | status | title |
| --- | --- | --- |
${Object.entries(problemTypes)
  .toSorted(([, a], [, b]) => a.status - b.status)
  .map(([name, { status, title }]) => `| \`${name}\` | ${status} | ${title} |`)
  .join('\n')}

A text that is no JSON is \`InvalidEvent\` with status 400.
`;
}

function fate(type: FailureType): string {
  if (type === 'Unexpected') return `tried again; parked after ${UNEXPECTED_TRIES} tries`;
  return failureTypes[type].retried ? 'tried again' : 'parked at once';
}

/** How classifyFailure classifies such an error. */
function sqlStateRow([sqlClass, name]: readonly [string, string]): string {
  const { type, ours } = classifyFailure(Object.assign(new Error(), { severity: 'ERROR', code: `${sqlClass}000` }));
  return `| ${sqlClass} | ${name} | \`${type}\` | ${!failureTypes[type].retried ? 'parked at once' : ours ? 'no' : 'yes'} |`;
}
