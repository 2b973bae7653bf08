import { encodeFrame, frameBytes, readFrames } from './frames';

const texts = ['one', 'a second, with \u00fc and \u{1f600}', '', 'four'].map((text) => Buffer.from(text));
const file = Buffer.concat(texts.map(encodeFrame));
const read = (bytes: Buffer) => readFrames(bytes).frames.map(({ text }) => text.toString());

test('a file that is cut at any byte has all frames before the cut, nothing else, and no damage', () => {
  for (let cut = 0; cut <= file.length; cut++) {
    let end = 0;
    const whole = texts.filter((text) => (end += frameBytes(text)) <= cut).map(String);
    const { frames, damages } = readFrames(file.subarray(0, cut));
    expect(frames.map(({ text }) => text.toString())).toEqual(whole);
    expect(damages).toEqual([]);
  }
});

test('where any byte of a frame is changed, that frame is damage and the others are read', () => {
  const [first = '', second = '', ...others] = texts.map(String);
  const begin = frameBytes(Buffer.from(first));
  const bytes = frameBytes(Buffer.from(second));
  for (let at = begin; at < begin + bytes; at++) {
    const changed = Buffer.from(file);
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    expect(read(changed)).toEqual([first, ...others]);
    expect(readFrames(changed).damages).toEqual([{ offset: begin, bytes }]);
  }
});

test('a frame says where its text is', () => {
  for (const { offset, text } of readFrames(file).frames) {
    expect(file.subarray(offset, offset + text.length)).toEqual(text);
  }
});

test('bytes at the end that begin no frame are damage', () => {
  const { frames, damages } = readFrames(Buffer.concat([file, Buffer.alloc(7)]));
  expect(frames).toHaveLength(texts.length);
  expect(damages).toEqual([{ offset: file.length, bytes: 7 }]);
});
