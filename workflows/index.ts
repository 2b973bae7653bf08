export { processChatEvent } from './process-chat-event';
export { resumeDeliveries } from './resume-deliveries';
export { sweepDeliveries } from './sweep-deliveries';
