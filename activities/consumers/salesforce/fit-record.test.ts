import { readDescription, type ObjectDescription } from './describe';
import { cutToField, fitRecord } from './fit-record';

const usual = { length: 0, createable: true, updateable: true, nillable: true };
const task = readDescription({
  name: 'Task',
  createable: true,
  fields: [
    { ...usual, name: 'Id', type: 'id', createable: false, updateable: false },
    { ...usual, name: 'Subject', type: 'combobox', length: 20 },
    { ...usual, name: 'Type', type: 'picklist', length: 16 },
    { ...usual, name: 'Kinds__c', type: 'multipicklist', length: 16 },
    { ...usual, name: 'Page__c', type: 'url', length: 255 },
    { ...usual, name: 'Amount__c', type: 'currency', precision: 5, scale: 2 },
    { ...usual, name: 'Score__c', type: 'double' },
    { ...usual, name: 'Share__c', type: 'percent' },
    { ...usual, name: 'Count__c', type: 'int' },
    { ...usual, name: 'Day__c', type: 'date' },
    { ...usual, name: 'Time__c', type: 'datetime' },
    { ...usual, name: 'Phone__c', type: 'phone', length: 40 },
    { ...usual, name: 'Text__c', type: 'textarea', length: 255 },
    { ...usual, name: 'IsUrgent__c', type: 'boolean' },
    { ...usual, name: 'Name', type: 'string', length: 80, createable: false, updateable: false },
    { ...usual, name: 'Fixed__c', type: 'string', length: 80, updateable: false },
  ],
}) as ObjectDescription;

const fit = (given: Record<string, string>, defaults = {}) => fitRecord(task, 'createable', given, defaults);

it('writes values by the names and kinds of the fields', () => {
  const { body, cut } = fit({ subject: 'Hi', TYPE: 'sixteen at most.', Amount__c: '12.50', IsUrgent__c: 'True' });
  expect(body).toEqual({ Subject: 'Hi', Type: 'sixteen at most.', Amount__c: 12.5, IsUrgent__c: true });
  expect(cut).toEqual({});
});

it('writes one line into fields of one line, and leaves long texts as they are', () => {
  const lines = 'one\r\ntwo\u2028 three';
  const { body, cut } = fit({ Subject: lines, Phone__c: '+1 555\n0100', Text__c: lines });
  expect(body).toEqual({ Subject: 'one two three', Phone__c: '+1 555 0100', Text__c: lines });
  expect(cut).toEqual({});
});

it.each([
  ['on', true],
  ['Y', true],
  ['checked ', true],
  ['TRUE', true],
  ['1', true],
  ['off', false],
  ['No', false],
  ['0', false],
])('writes a check box that says %j as %p', (value, expected) => {
  expect(fit({ IsUrgent__c: value })).toEqual({ body: { IsUrgent__c: expected }, cut: {}, leftOut: [] });
});

it.each(['maybe', '2', 'x'])('names a check box that says %j, and does not take it for false', (value) => {
  expect(fit({ IsUrgent__c: value })).toEqual({ body: {}, cut: {}, leftOut: ['IsUrgent__c'] });
});

it.each([
  ['Amount__c', 'twelve'],
  ['Amount__c', '1000'], // of five digits two are behind the point
  ['Amount__c', '-1e9'],
  ['Score__c', 'NaN'],
  ['Score__c', '1e400'],
  ['Score__c', '-Infinity'],
  ['Share__c', '1,5'],
  ['Share__c', '50 %'],
  ['Share__c', ' '],
  ['Count__c', '1.5'],
  ['Count__c', '3000000000'],
  ['Day__c', 'tomorrow'],
  ['Day__c', '02/03/2026'],
  ['Day__c', '2026-02-30'],
  ['Time__c', '2026-02-03'],
  ['Time__c', '2026-02-03 10:00'],
  ['Time__c', '2026-02-03T25:00:00Z'],
  ['Page__c', `https://example.com/${'a'.repeat(280)}`],
  ['Type', 'seventeen at most'], // half a value is another value
  ['Kinds__c', 'Question;Invoices'],
])('leaves out of %s what it cannot hold: %j', (name, value) => {
  expect(fit({ Subject: 'Hi', [name]: value })).toEqual({ body: { Subject: 'Hi' }, cut: {}, leftOut: [name] });
});

it.each([
  ['Amount__c', ' 999.99 ', 999.99],
  ['Score__c', '-1.5e3', -1500],
  ['Count__c', '12', 12],
  ['Day__c', '2024-02-29', '2024-02-29'],
  ['Day__c', '2026-02-03T10:00:00.000Z', '2026-02-03'],
  ['Time__c', '2026-02-03T10:00:00.000Z', '2026-02-03T10:00:00.000Z'],
  ['Time__c', '2026-02-03T10:00:00+0100', '2026-02-03T10:00:00+0100'],
  ['Page__c', 'https://example.com/', 'https://example.com/'],
  ['Phone__c', '1'.repeat(50), `${'1'.repeat(33)}… [cut]`],
])('writes %s, given %j, as %j', (name, value, expected) => {
  expect(fit({ [name]: value }).body).toEqual({ [name]: expected });
});

it('never writes the id or the kind of a record', () => {
  expect(fit({ Id: '00T000000000001', attributes: 'x', Subject: 'Hi' }).body).toEqual({ Subject: 'Hi' });
});

it('refuses fields that the user cannot write, by name, unless the name may be anything', () => {
  const refused = () => fit({ Name: 'x', Nope__c: 'y', 'ann@example.com': 'z' });
  expect(refused).toThrow(/cannot write Name, Nope__c of Task/);
  expect(refused).not.toThrow(/example/);
  expect(() => fitRecord(task, 'updateable', { Fixed__c: 'x' })).toThrow('Fixed__c');
});

it('fills in defaults where nothing is given and the org has the field', () => {
  expect(fit({ Subject: 'Mine' }, { Subject: 'Default', Type: 'Chat', Nope__c: 'x', Amount__c: null }).body).toEqual({
    Subject: 'Mine',
    Type: 'Chat',
  });
});

describe('an e-mail address', () => {
  const contact = readDescription({
    name: 'Contact',
    createable: true,
    fields: [{ ...usual, name: 'Email', type: 'email', length: 80 }],
  }) as ObjectDescription;
  const fitEmail = (given: Record<string, string>, defaults = {}) => fitRecord(contact, 'createable', given, defaults);

  it.each(['ann@example', 'none', 'ä@example.com', `${'a'.repeat(60)}@${'b'.repeat(20)}.com`, 'a'.repeat(12_000)])(
    'that Salesforce would refuse is left out of a list as of the defaults: %#',
    (address) => {
      expect(fitEmail({ EMAIL: address })).toEqual({ body: {}, cut: {}, leftOut: ['Email'] });
      expect(fitEmail({}, { Email: address })).toEqual({ body: {}, cut: {}, leftOut: ['Email'] });
      expect(fitEmail({ Email: address }, { Email: 'ann@example.com' }).body).toEqual({ Email: 'ann@example.com' });
    },
  );

  it('is written without blanks, its domain in ASCII', () => {
    expect(fitEmail({ Email: ' ann@bücher.example\u200e' }).body).toEqual({ Email: 'ann@xn--bcher-kva.example' });
  });

  it('of blanks only is as if it were not there', () => {
    expect(fitEmail({}, { Email: '\u200b' })).toEqual({ body: {}, cut: {}, leftOut: [] });
  });
});

it('cuts texts that are too long with a mark, and keeps them whole beside', () => {
  const whole = 'x'.repeat(30);
  expect(fit({ Subject: whole })).toMatchObject({
    body: { Subject: `${'x'.repeat(13)}… [cut]` },
    cut: { Subject: whole },
  });
});

it('never cuts a character in two', () => {
  for (let length = 1; length < 40; length++) {
    const text = cutToField('😀'.repeat(30), length);
    expect(text.length).toBeLessThanOrEqual(length);
    expect(text).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
  }
});
