export { processChatEvent } from './process-chat-event';
export { recordedEvents } from './recorded-events';
export { resumeDeliveries } from './resume-deliveries';
export { sweepDeliveries } from './sweep-deliveries';
