import { Option } from 'commander';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { MAINTENANCE_PRIORITY, TASK_QUEUE } from '../protocol/constants';
import type { ResendInput } from '../workflows/resend-deliveries';
import type { ResumeInput } from '../workflows/resume-deliveries';
import { CommandFailure } from './output';
import { readPositive } from './read-input';

export const rateOption = (): Option =>
  new Option('--rate <n>', 'deliveries per second').argParser(readPositive).default(20);

/** @throws CommandFailure for a rate that the workflow resumeDeliveries would refuse */
export function checkRate(rate: number): void {
  if (rate < 0.001 || rate > 1_000)
    throw new CommandFailure('--rate: expected at least 0.001 and at most 1000 per second.');
}

/** Starts a workflow of maintenance, ahead of events that wait. */
const starting =
  <Input>(type: string) =>
  (temporal: Client, workflowId: string, input: Input): Promise<WorkflowHandle> =>
    temporal.workflow.start(type, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      priority: MAINTENANCE_PRIORITY,
    });

export const startResuming = starting<ResumeInput>('resumeDeliveries');
export const startResending = starting<ResendInput>('resendDeliveries');

/** Of a data queue that no site has. */
export const noSuchQueue = (dataQueue: string): CommandFailure =>
  new CommandFailure(`There is no data queue ${dataQueue}; see "subscriptions list".`);
