import { refuseConsumer } from './make-consumer';
import { refuseEvent } from './make-event';

it.each([
  ['Crm', 'small letters'],
  ['a', 'small letters'],
  ['help-desk', 'small letters'],
  ['email', 'There is a consumer email already.'],
  ['default', 'cannot be the name'],
  ['sweep', 'cannot be the name'],
])('refuses a consumer %s', (name, why) => {
  expect(refuseConsumer(name)).toContain(why);
});

it.each([
  ['chat.ended', 'each with a capital'],
  ['Login', 'each with a capital'],
  ['Agent/Login', 'each with a capital'],
  ['Chat.Ended', 'There is an event Chat.Ended already.'],
  ['Chat.ENDED', 'There is an event Chat.Ended already.'],
])('refuses an event %s', (type, why) => {
  expect(refuseEvent(type)).toContain(why);
});

it('takes other names', () => {
  expect([refuseConsumer('crm'), refuseEvent('Agent.Login')]).toEqual([undefined, undefined]);
});
