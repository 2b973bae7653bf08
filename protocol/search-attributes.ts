import { defineSearchAttributeKey } from '@temporalio/common';

export const SITE_ID = defineSearchAttributeKey('SiteId', 'KEYWORD');
export const EVENT_TYPE = defineSearchAttributeKey('EventType', 'KEYWORD');
/** The data queues that an open workflow holds parked deliveries of. */
export const PARKED_QUEUES = defineSearchAttributeKey('ParkedQueues', 'KEYWORD_LIST');
