/** Names that any Temporal SDK needs to start an event's workflow. They never change. */
export const WORKFLOW_TYPE = 'processChatEvent';
export const TASK_QUEUE = 'chat-events';
/** For events that are too large to be worked on in any number at once. A client may start them on the other queue, too. */
export const LARGE_TASK_QUEUE = 'chat-events.large';
export const NAMESPACE = 'chat-events';
