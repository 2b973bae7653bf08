/** Names that any Temporal SDK needs to start an event's workflow. They never change. */
export const WORKFLOW_TYPE = 'processChatEvent';
export const TASK_QUEUE = 'chat-events';
/** For events that are too large to be worked on in any number at once. A client may start them on the other queue, too. */
export const LARGE_TASK_QUEUE = 'chat-events.large';
/** Of the sweep's activity, so that it takes no slot from events. Rounds themselves are started on `chat-events`, which each release polls. */
export const SWEEP_TASK_QUEUE = 'chat-events.sweep';
export const NAMESPACE = 'chat-events';
/** Key in a namespace's data: the id of the installation that it belongs to. */
export const INSTALLATION = 'chat-events.installation';
/** The workflow by which a publisher asks which events the database has recorded. */
export const RECORDED_EVENTS_TYPE = 'recordedEvents';
/** Maintenance goes before the events that wait, on the same task queue: behind them it comes too late. */
export const MAINTENANCE_PRIORITY = { priorityKey: 1 } as const;
/** The Worker Deployment whose versions are the releases of the workers, in each namespace. */
export const DEPLOYMENT = 'chat-events';
/** The task queue of a consumer's activities. */
export const consumerTaskQueue = (consumer: string): string => `${TASK_QUEUE}.${consumer}`;
