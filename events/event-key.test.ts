import { deliveryId } from './delivery-id';
import { eventKey, eventKeyProblem } from './event-key';

it('a key names type, site and id', () => {
  expect(eventKey({ type: 'Visit.Log', siteId: '5', id: 'a/b c' })).toBe('Visit.Log/5/a/b c');
});

it('a key has at most 255 bytes, counted in UTF-8', () => {
  const problem = (id: string) => eventKeyProblem({ type: 'Visit.Log', siteId: '5', id });
  expect(problem('x'.repeat(243))).toBeUndefined();
  expect(problem('x'.repeat(244))).toBe('must have at most 243 bytes in UTF-8');
  expect(problem('ü'.repeat(121))).toBeUndefined();
  expect(problem('ü'.repeat(122))).toBeDefined();
});

it('the id of a delivery never changes, and differs by key, data queue and connection', () => {
  // Written down when the namespace was chosen: these ids are at destinations already.
  expect(deliveryId('Chat.Ended/1/c', 'Chat.Ended.Email', '')).toBe('ee2c011e-0993-5fb0-a214-f20f89831199');
  const ids = [
    deliveryId('k', 'q', ''),
    deliveryId('k', 'q', 'c'),
    deliveryId('k', 'qc', ''),
    deliveryId('kq', '', ''),
    deliveryId('k","q', '', ''),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
