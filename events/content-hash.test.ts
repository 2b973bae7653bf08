import { contentHash } from './content-hash';
import { detachAttachments } from './detach-attachments';
import { readEvent } from './read-event';

function read(input: object) {
  const outcome = readEvent(input, { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}
const hashOf = (data: object, more: object = {}) => read({ type: 'Visit.Log', siteId: 5, data, ...more }).hash;

it('is the same for the same content in any spelling, at any time and under any id', () => {
  const hash = hashOf({ CampainId: 3, VisitCount: 2 });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf({ visitcount: '2', CampaignId: '3' }, { id: 'other', receivedAt: '2026-01-01' })).toBe(hash);
});

it('differs by content, site and type', () => {
  const hashes = [
    hashOf({ CampainId: 3, VisitCount: 2 }),
    hashOf({ CampainId: 3, VisitCount: 3 }),
    hashOf({ CampainId: 3, VisitCount: 2, New: 1 }),
    hashOf({ CampainId: 3, VisitCount: 2 }, { siteId: 6 }),
    read({ type: 'AgentStatus.Log', siteId: 5, data: {} }).hash,
    read({ type: 'ChatQueue.Log', siteId: 5, data: {} }).hash,
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

it('does not count absent fields, so that a new field of the catalogue changes no hash', () => {
  const { event, hash } = read({ type: 'Visit.Log', siteId: 5, data: { VisitCount: 2 } });
  const later = { ...event.data, addedLater: null, alsoLater: [] } as unknown as typeof event.data; // A later catalogue's data.
  expect(contentHash('Visit.Log', '5', later)).toBe(hash);
});

it('is the same with and without the bytes of a file, and differs by them', () => {
  const offline = (AttachmentContent: string) =>
    read({ type: 'OfflineMessage.Submit', siteId: 5, data: { AttachmentContent } });
  const { event, hash } = offline('SGk=');
  expect(contentHash(event.type, event.siteId, detachAttachments(event).event.data)).toBe(hash);
  expect(offline('SGo=').hash).not.toBe(hash);
});
