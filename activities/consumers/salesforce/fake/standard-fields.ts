import type { FakeField, FieldParts, ObjectName } from './field';

const readOnly = { createable: false, updateable: false };
const required = { nillable: false };
const longText = { type: 'textarea', length: 32_000 } as const;
const text = (length: number): Partial<FakeField> => ({ length });
const refersTo = (...referenceTo: string[]): Partial<FakeField> => ({ type: 'reference', referenceTo });
const picklist = (...values: string[]): Partial<FakeField> => ({
  type: 'picklist',
  picklistValues: values.map((value) => ({ value, label: value, active: true })),
});
/** A picklist whose first value stands where none is given. */
const defaulted = (first: string, ...values: string[]): Partial<FakeField> => ({
  ...picklist(first, ...values),
  defaultValue: first,
  nillable: false,
});

const system: FieldParts = {
  Id: { type: 'id', ...readOnly, ...required, defaultedOnCreate: true },
  IsDeleted: { type: 'boolean', ...readOnly },
  CreatedDate: { type: 'datetime', ...readOnly, ...required },
  CreatedById: { ...refersTo('User'), ...readOnly, ...required },
  LastModifiedDate: { type: 'datetime', ...readOnly, ...required },
  LastModifiedById: { ...refersTo('User'), ...readOnly, ...required },
  SystemModstamp: { type: 'datetime', ...readOnly, ...required },
};
const owned: FieldParts = {
  ...system,
  OwnerId: { ...refersTo('User', 'Group'), ...required, defaultedOnCreate: true },
  RecordTypeId: refersTo('RecordType'),
};

const address = (prefix: string): FieldParts => ({
  [`${prefix}Street`]: { type: 'textarea', length: 255 },
  [`${prefix}City`]: text(40),
  [`${prefix}State`]: text(80),
  [`${prefix}PostalCode`]: text(20),
  [`${prefix}Country`]: text(80),
  [`${prefix}Address`]: { type: 'address', ...readOnly },
});

const person: FieldParts = {
  ...owned,
  LastName: { length: 80, ...required },
  FirstName: text(40),
  Salutation: picklist('Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'),
  Name: { length: 121, ...readOnly, ...required },
  Title: text(128),
  Email: { type: 'email' },
  Phone: { type: 'phone' },
  MobilePhone: { type: 'phone' },
  Fax: { type: 'phone' },
  Description: longText,
  LeadSource: picklist('Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'),
  HasOptedOutOfEmail: { type: 'boolean' },
  DoNotCall: { type: 'boolean' },
};

export const standardFields: Readonly<Record<ObjectName, FieldParts>> = {
  Contact: {
    ...person,
    ...address('Mailing'),
    AccountId: refersTo('Account'),
    ReportsToId: refersTo('Contact'),
    HomePhone: { type: 'phone' },
    Department: text(80),
    Birthdate: { type: 'date' },
  },
  Lead: {
    ...person,
    ...address(''),
    Title: text(128),
    Company: { length: 255, ...required },
    Status: defaulted('Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'),
    Industry: picklist('Banking', 'Education', 'Retail', 'Technology'),
    Rating: picklist('Hot', 'Warm', 'Cold'),
    Website: { type: 'url' },
    NumberOfEmployees: { type: 'int' },
    AnnualRevenue: { type: 'currency' },
    IsConverted: { type: 'boolean', ...readOnly },
    ConvertedContactId: { ...refersTo('Contact'), ...readOnly },
    ConvertedAccountId: { ...refersTo('Account'), ...readOnly },
  },
  Case: {
    ...owned,
    CaseNumber: { length: 30, ...readOnly, ...required, defaultedOnCreate: true },
    ContactId: refersTo('Contact'),
    AccountId: refersTo('Account'),
    ParentId: refersTo('Case'),
    SuppliedName: text(80),
    SuppliedEmail: { type: 'email' },
    SuppliedPhone: text(40),
    SuppliedCompany: text(80),
    Subject: text(255),
    Description: longText,
    Comments: { type: 'textarea', length: 4000 },
    Status: defaulted('New', 'Working', 'Escalated', 'Closed'),
    Priority: defaulted('Medium', 'High', 'Low'),
    Origin: picklist('Phone', 'Email', 'Web', 'Chat'),
    Type: picklist('Question', 'Problem', 'Feature Request'),
    Reason: picklist('Installation', 'Performance', 'Other'),
    IsEscalated: { type: 'boolean' },
    IsClosed: { type: 'boolean', ...readOnly },
    ClosedDate: { type: 'datetime', ...readOnly },
  },
  Task: {
    ...owned,
    WhoId: refersTo('Contact', 'Lead'),
    WhatId: refersTo('Account', 'Case'),
    AccountId: { ...refersTo('Account'), ...readOnly },
    Subject: { type: 'combobox', length: 255 },
    Description: longText,
    ActivityDate: { type: 'date' },
    Status: defaulted('Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'),
    Priority: defaulted('Normal', 'High', 'Low'),
    Type: picklist('Call', 'Meeting', 'Other'),
    TaskSubtype: { ...picklist('Task', 'Email', 'Call'), restrictedPicklist: true, updateable: false },
    CallType: { ...picklist('Inbound', 'Outbound', 'Internal'), restrictedPicklist: true },
    CallDurationInSeconds: { type: 'int' },
    IsReminderSet: { type: 'boolean' },
    ReminderDateTime: { type: 'datetime' },
    IsClosed: { type: 'boolean', ...readOnly },
  },
  ContentVersion: {
    ...system,
    OwnerId: { ...refersTo('User'), ...required, defaultedOnCreate: true },
    Title: { length: 255, ...required, defaultedOnCreate: true },
    PathOnClient: { length: 500, ...required, updateable: false },
    VersionData: { type: 'base64', ...required, updateable: false },
    FirstPublishLocationId: { ...refersTo('Case', 'Contact', 'Lead', 'Task', 'User'), updateable: false },
    Description: { type: 'textarea', length: 1000 },
    ContentSize: { type: 'int', ...readOnly },
  },
};
