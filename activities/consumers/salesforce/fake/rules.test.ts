import { blockByEmail, standardRules } from './duplicates';
import { example } from './ids';
import { makeObjects } from './objects';
import { defaultOrg, type Org } from './org';
import { createRest } from './rest';
import { createStore, type Store } from './store';

let org: Org;
let store: Store;
let rest: ReturnType<typeof createRest>;

function open(wanted: Partial<Org>): void {
  org = { ...defaultOrg(), ...wanted };
  store = createStore(makeObjects({}), org);
  rest = createRest(store, org);
}

function call(method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
  const url = `/services/data/v62.0${path}`;
  const answer = rest({ method, url, headers, body: JSON.stringify(body) });
  return { status: answer.status, body: answer.body === undefined ? null : JSON.parse(String(answer.body)) };
}
const create = (type: string, body: object): string => call('POST', `/sobjects/${type}`, body).body.id;
const query = (soql: string) => call('GET', `/query?q=${encodeURIComponent(soql)}`);
const names = (soql: string): string[] =>
  query(soql).body.records.map(({ LastName }: { LastName: string }) => LastName);

describe('the standard duplicate rules', () => {
  const body = { LastName: 'Example', FirstName: 'Anne', Email: 'A@example.com' };
  const says = (value: string) => ({ 'Sforce-Duplicate-Rule-Header': value });

  it.each(['Contact', 'Lead'])('compare a %s with contacts and leads, by name and address', (type) => {
    open({ duplicateRules: standardRules });
    const known = { LastName: 'Example', FirstName: 'Ann', Email: 'a@example.com' };
    const [contact, lead] = [store.add('Contact', known).id, store.add('Lead', { ...known, Company: 'Example' }).id];
    store.add('Contact', { LastName: 'Other', Email: 'a@example.com' });
    const record = type === 'Lead' ? { ...body, Company: 'Example' } : body;
    const refused = call('POST', `/sobjects/${type}`, record, says('includeRecordDetails=true'));
    expect(refused.body).toMatchObject([
      {
        errorCode: 'DUPLICATES_DETECTED',
        duplicateResut: {
          allowSave: true,
          duplicateRule: `Standard_${type}_Duplicate_Rule`,
          matchResults: [
            { entityType: 'Contact', matchRecords: [{ record: { Id: contact, Email: 'a@example.com' } }] },
            { entityType: 'Lead', matchRecords: [{ record: { Id: lead } }] },
          ],
        },
      },
    ]);
    const again = call('POST', `/sobjects/${type}`, record);
    expect(again.body[0].duplicateResut.matchResults[0].matchRecords[0].record).not.toHaveProperty('Email');
    const saved = call('POST', `/sobjects/${type}`, record, says('allowSave=true; includeRecordDetails=true'));
    expect(saved.status).toBe(201);
  });

  it('are not passed where a rule blocks', () => {
    open({ duplicateRules: [blockByEmail] });
    store.add('Contact', body);
    expect(call('POST', '/sobjects/Contact', body, says('allowSave=true')).status).toBe(400);
  });
});

describe('where records are private', () => {
  beforeEach(() => open({ viewsAll: [] }));

  it('the user sees its own only, and knows of no others', () => {
    const [theirs, own] = [store.add('Contact', { LastName: 'A' }).id, create('Contact', { LastName: 'B' })];
    expect(names('SELECT LastName FROM Contact')).toEqual(['B']);
    expect(call('PATCH', `/sobjects/Contact/${theirs}`, {}).status).toBe(404);
    expect(call('PATCH', `/sobjects/Contact/${own}`, {}).status).toBe(204);
    org.sharing = { Contact: 'public' };
    expect(names('SELECT LastName FROM Contact')).toEqual(['B']); // without an account it stays private
    store.overwrite(store.byId(theirs)!, { AccountId: example.accountId });
    expect(names('SELECT LastName FROM Contact')).toEqual(['A', 'B']);
  });

  it('an assignment rule takes away what the user has just written, unless it is told not to', () => {
    const given = create('Case', { Subject: 'A' });
    const own = call('POST', '/sobjects/Case', {}, { 'Sforce-Auto-Assign': 'false' }).body.id;
    expect(store.live('Case').map(({ id, values }) => [id, values['OwnerId']])).toEqual([
      [given, example.queueId],
      [own, example.userId],
    ]);
    expect(call('PATCH', `/sobjects/Case/${given}`, {}).status).toBe(404);
    const lead = create('Lead', { LastName: 'A', Company: 'A' });
    expect(call('POST', '/sobjects/Task', { WhoId: lead })).toMatchObject({
      body: [{ errorCode: 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY' }],
    });
  });

  it('what an administrator has set up is told to those who may look', () => {
    const ask = `SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords=true`;
    expect(query(ask)).toMatchObject({ body: [{ errorCode: 'INVALID_TYPE' }] });
    Object.assign(org, { viewsSetup: true, viewsAll: ['Lead'] });
    expect(query(ask).body.records).toMatchObject([{ SobjectType: 'Lead' }]);
    const rules = query('SELECT Name,SobjectType FROM AssignmentRule WHERE Active=true').body.records;
    expect(rules).toMatchObject([{ SobjectType: 'Case' }, { SobjectType: 'Lead' }]);
  });

  it('only who may delete does', () => {
    const id = create('Contact', { LastName: 'A' });
    expect(call('DELETE', `/sobjects/Contact/${id}`).status).toBe(403);
    org.deletes = true;
    expect(call('DELETE', `/sobjects/Contact/${id}`).status).toBe(204);
    expect(store.live('Contact')).toEqual([]);
  });
});
