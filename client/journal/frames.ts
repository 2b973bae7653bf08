import { crc32 } from 'node:zlib';

/** 0xFF is in no UTF-8 text, so that the text of an event is never taken for the begin of a frame. */
const MAGIC = Buffer.from([0xff, 0x43, 0x45, 0x4a]);
/** Magic, length of the text in bytes, checksum of length and text; each four bytes, big-endian. */
const HEADER_BYTES = 12;

export interface Frame {
  /** Of its text in the file. */
  readonly offset: number;
  readonly text: Buffer;
}

/** Bytes that are no frame, with frames or nothing behind them. */
export interface Damage {
  readonly offset: number;
  readonly bytes: number;
}

/** How many bytes a text needs in the file. */
export const frameBytes = (text: Buffer): number => HEADER_BYTES + text.length;

/** A text as it is written: a frame that was cut or changed later is not read as one. */
export function encodeFrame(text: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(text));
  MAGIC.copy(frame);
  frame.writeUInt32BE(text.length, 4);
  text.copy(frame, HEADER_BYTES);
  frame.writeUInt32BE(checksum(frame, 0, text.length), 8);
  return frame;
}

/**
 * All whole frames of a file, also behind damaged bytes. A frame that ends with the file before it is whole was being written
 * when its writer died: it is left out, and is no damage.
 */
export function readFrames(file: Buffer): { readonly frames: Frame[]; readonly damages: Damage[] } {
  const frames: Frame[] = [];
  const damages: Damage[] = [];
  let at = 0;
  while (at < file.length) {
    const text = textAt(file, at);
    if (text !== undefined) {
      frames.push({ offset: at + HEADER_BYTES, text });
      at += frameBytes(text);
      continue;
    }
    const next = nextFrame(file, at);
    if (next === undefined && isTorn(file, at)) break;
    damages.push({ offset: at, bytes: (next ?? file.length) - at });
    at = next ?? file.length;
  }
  return { frames, damages };
}

/** The text of the frame that begins there, if one does. */
function textAt(file: Buffer, at: number): Buffer | undefined {
  if (at + HEADER_BYTES > file.length || file.compare(MAGIC, 0, 4, at, at + 4) !== 0) return undefined;
  const length = file.readUInt32BE(at + 4);
  if (at + HEADER_BYTES + length > file.length) return undefined;
  if (file.readUInt32BE(at + 8) !== checksum(file, at, length)) return undefined;
  return file.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
}

function nextFrame(file: Buffer, after: number): number | undefined {
  for (let at = file.indexOf(MAGIC, after + 1); at !== -1; at = file.indexOf(MAGIC, at + 1)) {
    if (textAt(file, at) !== undefined) return at;
  }
  return undefined;
}

/** The rest of the file is the begin of one frame. */
function isTorn(file: Buffer, at: number): boolean {
  const rest = file.subarray(at);
  if (!MAGIC.subarray(0, rest.length).equals(rest.subarray(0, MAGIC.length))) return false;
  return rest.length < HEADER_BYTES || rest.readUInt32BE(4) > rest.length - HEADER_BYTES;
}

function checksum(file: Buffer, at: number, length: number): number {
  return crc32(file.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length), crc32(file.subarray(at + 4, at + 8)));
}
