export { createPublisher } from './create-publisher';
export {
  ClusterRefused,
  ClusterUnavailable,
  EventTooLarge,
  IdConflict,
  InvalidEvent,
  JournalFull,
  JournalLocked,
  JournalUnavailable,
  LargeEventStoreUnavailable,
  PublishError,
  PublisherBusy,
  PublisherClosed,
  type EventIds,
} from './errors';
export { formatMetrics } from './format-metrics';
export { MAX_INPUT_BYTES, type PublishEventOptions } from './prepare-event';
export type { PublisherOptions, ClusterOptions } from './publisher-options';
export { MAX_EVENT_BYTES } from '../events/check-bounds';
export type { Problem } from '../events/kinds/reading';
export type { EventType, WireData } from '../events/wire-data';
export type { ClusterStatus, JournalStatus, Publisher, PublisherStatus, Receipt, Standing, Verdict } from './publisher';
