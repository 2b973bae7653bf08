/** Names that any Temporal SDK needs to start an event's workflow. They never change. */
export const WORKFLOW_TYPE = 'processChatEvent';
export const TASK_QUEUE = 'chat-events';
export const NAMESPACE = 'chat-events';
