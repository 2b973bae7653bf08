import { Installation } from './installation';
import { createPublisher } from './create-publisher';
import { readPublisherOptions, type PublisherOptions } from './publisher-options';

const clusters = [{ name: 'main', address: '127.0.0.1:7233' }];

test('fills in options that are not given, undefined included', () => {
  const maxInFlight: unknown = undefined;
  const options = { clusters, maxInFlight, deadlineMs: 5_000 } as PublisherOptions; // as plain JavaScript can call it
  expect(readPublisherOptions(options)).toEqual({
    clusters,
    largeEventsDir: null,
    installation: new Installation(),
    journal: null,
    deadlineMs: 5_000,
    attemptDeadlineMs: 2_000,
    takeoverAfterMs: 60_000,
    maxInFlight: 4,
    maxBatch: 500,
    batchAfterMs: 250,
    batchFrom: 500,
    maxWaiting: 10_000,
    maxWaitingBytes: 67_108_864,
    payloadKeys: [],
  });
});

test('names every option that cannot be used', () => {
  const options = {
    clusters: [{ name: '', address: ' ', namespace: '' }],
    deadlineMs: 0,
    maxInFlight: 1.5,
    maxWaitng: 1,
    journal: { dir: '', maxBytes: 1, keepHours: -1 },
  };
  expect(() => createPublisher(options)).toThrow(
    new TypeError(
      'createPublisher: deadlineMs must be a whole number from 1 to 2147483647; ' +
        'maxInFlight must be a whole number from 1 to 2147483647; maxWaitng is not an option; ' +
        'clusters[0].name must be a text that is not empty; clusters[0].address must be a text that is not empty; ' +
        'clusters[0].namespace must be a text that is not empty; journal.dir must be the path of a folder; ' +
        'journal.maxBytes must be a whole number from 1048576; journal.keepHours must be a number from 0',
    ),
  );
});

test('takes one cluster or two of different names, not none and not three', () => {
  const [main] = clusters;
  const standby = { name: 'standby', address: '127.0.0.1:8233' };
  expect(readPublisherOptions({ clusters: [...clusters, standby] }).clusters).toEqual([main, standby]);
  for (const wrong of [[], [main, standby, main], undefined]) {
    const options = { clusters: wrong } as PublisherOptions; // as plain JavaScript can call it
    expect(() => createPublisher(options)).toThrow('clusters must name one cluster or two, as [{ name, address }]');
  }
  expect(() => createPublisher({ clusters: [...clusters, ...clusters] })).toThrow('clusters must have two names');
  expect(() => createPublisher({ clusters: [...clusters, { name: 'b', address: '' }] })).toThrow('clusters[1].address');
});
