export type { Standing, Verdict } from './cluster-health';
export { createPublisher, type Publisher, type PublisherStatus, type Receipt } from './create-publisher';
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
export type { ClusterStatus } from './clusters';
export { formatMetrics } from './format-metrics';
export type { JournalStatus } from './journal/outbox';
export type { ClusterOptions } from './open-cluster';
export { MAX_INPUT_BYTES, type PublishEventOptions } from './prepare-event';
export type { PublisherOptions } from './publisher-options';
export { MAX_EVENT_BYTES } from '../events/check-bounds';
export type { Problem } from '../events/read-event';
export type { EventType, WireData } from '../events/wire-data';
