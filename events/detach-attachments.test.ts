import { createHash } from 'node:crypto';
import { detachAttachments } from './detach-attachments';
import { readEvent } from './read-event';

function offlineMessage(data: object) {
  const outcome = readEvent(
    { type: 'OfflineMessage.Submit', siteId: 1, data },
    { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' },
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.event;
}

it('takes the bytes out and leaves name, size and hash', () => {
  const bytes = Buffer.from([0, 255, 10, 0]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { event, attachments } = detachAttachments(
    offlineMessage({ AttachmentName: 'a.bin', AttachmentContent: bytes.toString('base64') }),
  );
  expect(attachments).toEqual([{ position: 0, name: 'a.bin', content: bytes }]);
  expect(event.data).toMatchObject({ attachments: [{ name: 'a.bin', size: 4, sha256, content: null }] });
});

it('finds nothing where there is no file, or only its name', () => {
  expect(detachAttachments(offlineMessage({})).attachments).toEqual([]);
  expect(detachAttachments(offlineMessage({ AttachmentName: 'a', AttachmentContent: '' })).attachments).toEqual([]);
});

it.each(['SGk', ' SG\r\nk= ', 'SGk='])(
  'reads base64 with and without padding and line ends: %j',
  (AttachmentContent) => {
    expect(detachAttachments(offlineMessage({ AttachmentContent })).attachments[0]?.content.toString()).toBe('Hi');
  },
);

it.each(['SG!k', 'S', '=', 'SG-_', 'SGk=SGk=', 5, [72, '105']])(
  'base64 with a mistake is refused: %j',
  (AttachmentContent) => {
    expect(() => offlineMessage({ AttachmentContent })).toThrow('expected bytes in base64');
  },
);
