export { processChatEvent } from './process-chat-event';
export { pruneEvents } from './prune-events';
export { recordedEvents } from './recorded-events';
export { resendDeliveries } from './resend-deliveries';
export { resumeDeliveries } from './resume-deliveries';
export { sweepDeliveries } from './sweep-deliveries';
