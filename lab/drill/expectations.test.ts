import { well } from '../../tests/drill-report';
import { checkExpectations } from './expectations';
import type { DrillReport } from './report';
import type { Expectations, Scenario } from './scenario';

const check = (report: Partial<DrillReport>, expects: Expectations = {}): string[] => {
  const scenario: Scenario = { number: '1', name: 'any', what: 'any', steps: [], expects };
  return checkExpectations(scenario, { ...well, ...report });
};

it('has nothing to say about a run in which all went well', () => {
  const expects: Expectations = {
    acknowledgedWithinMs: 1_000,
    otherSide: 'standby',
    settledWithinMs: { ofBegin: 60_000, ofEnd: 30_000 },
    nothingOnStandby: true,
    tasksPerWaitingEvent: 2,
  };
  expect(check({}, expects)).toEqual([]);
});

it.each<[string, Partial<DrillReport>, Expectations]>([
  ['a delivery is lost', { lost: 1 }, {}],
  ['the account does not balance', { problems: ['One equation does not hold.'] }, {}],
  ['more came twice than a fault has met', { wireDuplicates: 3, attemptsMet: 2 }, {}],
  ['publish refuses what it should take', { refused: { JournalFull: 1 } }, {}],
  ['publish refuses with another error', { refused: { JournalFull: 1, Odd: 1 } }, { refusedWith: ['JournalFull'] }],
  ['publish takes what it should refuse', {}, { refusedWith: ['JournalFull'] }],
  ['nothing is acknowledged', { acknowledgedAfterMs: null }, { acknowledgedWithinMs: 1_000 }],
  ['it is acknowledged too late', { acknowledgedAfterMs: 1_001 }, { acknowledgedWithinMs: 1_000 }],
  [
    'publish stays slow',
    { publishMs: { ...well.publishMs, afterwards: { p50: 5, p99: 1_001 } } },
    { publishWithinMs: 1_000 },
  ],
  ['the other side delivers nothing', { deliveredAfterMs: null }, { otherSide: 'standby' }],
  ['what was under way is late', { inFlightAfterMs: 90_001 }, { inFlightWithinMs: 90_000 }],
  [
    'the other sites wait for the silent one',
    { otherSitesMs: 10_001, otherSitesTries: 0 },
    { otherSitesWithinMs: 10_000 },
  ],
  ['tries of the other sites fail', { otherSitesMs: 9_000, otherSitesTries: 1 }, { otherSitesWithinMs: 10_000 }],
  [
    'nothing of the other sites is delivered',
    { otherSitesMs: null, otherSitesTries: 0 },
    { otherSitesWithinMs: 10_000 },
  ],
  ['it settles too late after the begin', { settledAfterMs: 60_001 }, { settledWithinMs: { ofBegin: 60_000 } }],
  ['it settles too late after the end', { settledAfterMs: 55_001 }, { settledWithinMs: { ofEnd: 30_000 } }],
  ['standby is used', { tasks: { mostPerRun: 1, runsOnStandby: 1 } }, { nothingOnStandby: true }],
  ['standby cannot be asked', { tasks: { mostPerRun: 1, runsOnStandby: null } }, { nothingOnStandby: true }],
  ['a waiting run spins', { tasks: { mostPerRun: 3, runsOnStandby: 0 } }, { tasksPerWaitingEvent: 2 }],
])('says so when %s', (_, report, expects) => {
  expect(check(report, expects)).toHaveLength(1);
});
