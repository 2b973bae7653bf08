import { catalogue } from './catalogue';
import { jsonSchemas } from './json-schema';

it('is the same for what goes in and what comes out: the internal form has no defaults and no transforms', () => {
  expect(jsonSchemas('input')).toEqual(jsonSchemas('output'));
});

it('has every event, each strict and every field described', () => {
  const { $defs = {}, oneOf } = jsonSchemas();
  expect(oneOf).toHaveLength(Object.keys(catalogue).length);
  for (const type of Object.keys(catalogue)) {
    expect($defs[type]).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [name, property] of Object.entries($defs[type]?.properties ?? {})) {
      expect([type, name, property]).toEqual([
        type,
        name,
        expect.objectContaining({ description: expect.any(String) }),
      ]);
    }
  }
});
