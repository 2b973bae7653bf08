import type { LoadedDataConverter } from '@temporalio/common';
import type { LargeEventStore } from './large-events';
import { createPayloadCodec } from './payload-codec';
import type { PayloadKey } from './payload-keys';

/** How a client or a worker treats payloads between the payload converter and Temporal. */
export interface Payloads {
  /** The first encrypts data of events, all decrypt. Default: none. */
  readonly keys?: readonly PayloadKey[] | undefined;
  /** Where large payloads are, encrypted if there is a key. Default: none, inputs end at 2 MiB. */
  readonly store?: LargeEventStore | undefined;
}

/** The part of a data converter beside the payload converter, for a client as for a worker. */
export function treatPayloads({
  keys = [],
  store,
}: Payloads): Pick<LoadedDataConverter, 'payloadCodecs' | 'externalStorage'> {
  return {
    payloadCodecs: [createPayloadCodec(keys)],
    ...(store && { externalStorage: store.externalStorage }),
  };
}
