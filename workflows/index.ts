export { processChatEvent } from './process-chat-event';
export { sweepDeliveries } from './sweep-deliveries';
