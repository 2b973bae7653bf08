import { catalogue } from '../../events/catalogue';
import type { PublisherProcess } from './open-publisher';
import { publishSteadily } from './publish-steadily';
import type { Answer } from './publisher-process';

const line = { type: 'Agent.Ban', id: 'one', data: JSON.stringify(catalogue['Agent.Ban'].example) };
const receipt = {
  id: 'one',
  key: 'Agent.Ban/10001/one',
  workflowId: 'Agent.Ban/10001/one',
  acceptedBy: 'journal',
  duplicate: false,
  unknownFields: [],
};
const accepted: Answer = { tookMs: 3, receipt };
const refused = (name: string, isFinal = false): Answer => ({ tookMs: 7, refusal: { name, message: 'no', isFinal } });

/** Publishes one event through a process that answers as it is told. */
async function publish(answers: (Answer | undefined)[], givesUp = false) {
  const asked: unknown[] = [];
  const publisher: Pick<PublisherProcess, 'publish' | 'up'> = {
    publish: (given) => {
      asked.push(given);
      return Promise.resolve(answers.shift());
    },
    up: () => Promise.resolve(true),
  };
  const [published] = await publishSteadily({
    publisher: publisher as PublisherProcess, // all that it uses
    lines: [line],
    rate: 1_000,
    givesUp: () => givesUp,
    onAnswer: () => {},
    until: () => Infinity,
  });
  return { published, asked };
}

it('publishes again, under its id, an event that was refused, or over which the process was killed', async () => {
  const { published, asked } = await publish([undefined, refused('JournalFull'), accepted]);
  expect(asked).toEqual([line, line, line]);
  expect(published).toMatchObject({
    publication: { outcome: 'accepted', key: receipt.key },
    accepted: { by: 'journal' },
    refusals: ['JournalFull'],
    tookMs: undefined, // of the first call, which had no answer
  });
});

it('drops refused events where the chat server does so, and those that will never be accepted', async () => {
  for (const { published, asked } of [
    await publish([refused('JournalFull')], true),
    await publish([refused('InvalidEvent', true)]),
  ]) {
    expect(asked).toHaveLength(1);
    expect(published).toMatchObject({ publication: { outcome: 'refused' }, accepted: undefined, tookMs: 7 });
  }
});
