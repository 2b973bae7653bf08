import type { DrillReport } from './report';
import type { Scenario } from './scenario';

/**
 * Checks the expectations of every run, and those of the scenario.
 *
 * @returns each that does not hold, in words, with the problems of the report
 */
export function checkExpectations({ expects = {} }: Scenario, report: DrillReport): string[] {
  const {
    lost,
    wireDuplicates,
    attemptsMet,
    refused,
    acknowledgedAfterMs,
    settledAfterMs,
    faultMs,
    backlogMs,
    tasks,
    publishMs,
  } = report;
  const {
    refusedWith = [],
    acknowledgedWithinMs,
    publishWithinMs,
    otherSide,
    settledWithinMs = {},
    tasksPerWaitingEvent,
  } = expects;
  const unexpected = Object.entries(refused).filter(([name]) => !refusedWith.includes(name));
  const later = (what: string, ms: number | null, most: number | undefined): string | false =>
    most !== undefined && !((ms ?? Infinity) <= most) && `${what} after ${ms ?? 'ever'} ms, not within ${most} ms.`;
  const problems = [
    ...report.problems,
    lost > 0 && `${lost} deliveries are lost.`,
    wireDuplicates > attemptsMet && `${wireDuplicates} came twice, but the faults met ${attemptsMet} attempts.`,
    ...unexpected.map(([name, count]) => `publish refused ${count} times with ${name}.`),
    ...refusedWith.filter((name) => !(name in refused)).map((name) => `publish never refused with ${name}.`),
    later('The first event was acknowledged', acknowledgedAfterMs, acknowledgedWithinMs),
    later(
      '99 of 100 calls of publish, once one was acknowledged, returned',
      publishMs.afterwards?.p99 ?? 0,
      publishWithinMs,
    ),
    otherSide !== undefined && report.deliveredAfterMs === null && `${otherSide} has delivered nothing.`,
    later('The deliveries under way were made', report.inFlightAfterMs, expects.inFlightWithinMs),
    later('99 of 100 deliveries of the other sites were done', report.otherSitesMs, expects.otherSitesWithinMs),
    expects.otherSitesWithinMs !== undefined &&
      report.otherSitesTries !== 0 &&
      `${report.otherSitesTries} tries of the other sites have failed.`,
    later('All was settled', settledAfterMs, settledWithinMs.ofBegin),
    later('But for the backlog, all was settled', settledAfterMs - faultMs - backlogMs, settledWithinMs.ofEnd),
    expects.nothingOnStandby &&
      tasks.runsOnStandby !== 0 &&
      `${tasks.runsOnStandby ?? 'An unknown number of'} workflows were started on standby.`,
    tasksPerWaitingEvent !== undefined &&
      (tasks.mostPerRun ?? Infinity) > tasksPerWaitingEvent &&
      `A run that waited had ${tasks.mostPerRun ?? 'an unknown number of'} workflow tasks, not ${tasksPerWaitingEvent} at most.`,
  ];
  return problems.filter((problem) => typeof problem === 'string');
}
