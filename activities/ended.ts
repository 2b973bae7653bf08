/** The reason of signals that only end a wait: an abort without one makes a DOMException with its stack, which costs more than the wait. */
export const ENDED = 'ended';
