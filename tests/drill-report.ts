import type { DrillReport } from '../lab/drill/report';

/** A run in which all went well. */
export const well: DrillReport = {
  scenario: 'any',
  seed: 1,
  rate: 20,
  published: 100,
  acknowledged: { journal: 100 },
  delivered: { 'Agent.Ban': 100 },
  lost: 0,
  duplicateEffects: 0,
  wireDuplicates: 0,
  attemptsMet: 0,
  refused: {},
  acknowledgedAfterMs: 30,
  deliveredAfterMs: 900,
  settledAfterMs: 40_000,
  otherSitesMs: null,
  otherSitesTries: null,
  inFlightAfterMs: 30_000,
  faultMs: 20_000,
  faults: { 'main killed': 1 },
  backlogMs: 5_000,
  publishMs: { before: null, during: null, afterwards: null },
  tasks: { mostPerRun: 1, runsOnStandby: 0 },
  problems: [],
};
