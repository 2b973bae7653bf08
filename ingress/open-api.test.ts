import { createConfig, lintFromString } from '@redocly/openapi-core';
import Ajv2020 from 'ajv/dist/2020';
import type { OpenPublisher } from '../client/create-publisher';
import { createMetrics } from './metrics';
import { openApi } from './open-api';
import { createRoutes } from './routes';

const document = openApi();

it('is OpenAPI 3.1 without a warning', async () => {
  const rules = {
    'operation-4xx-response': 'off', // a GET that watches the sidecar has no problem of its own
    'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true }, // else in anyOf none is valid
  } as const;
  const config = await createConfig({ extends: ['recommended'], rules });
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  expect(found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

it('has every address of the sidecar and its forms, and no other', () => {
  // The routes are only listed.
  const routes = createRoutes({ publisher: {} as OpenPublisher, metrics: createMetrics(() => 0) });
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routes.flatMap(({ method, url }) => {
    const types = url.endsWith(':type')
      ? Object.keys(document.paths).filter((path) => path.startsWith(url.slice(0, -5)))
      : [url];
    return types.map((path) => `${method} ${path}`);
  });
  expect(described.sort()).toEqual(served.sort());
  const forms = routes.find(({ url }) => url === '/v1/events');
  const { content } = document.paths['/v1/events']['post']['requestBody'] as { content: object };
  expect(forms).toMatchObject({ accepts: Object.keys(content) });
});

it('has examples that satisfy their schemas', () => {
  // Keywords that only describe, such as example, are unknown to it.
  const ajv = new Ajv2020({ strict: false }).addSchema({ ...document, $id: 'sidecar' });
  const checked = Object.entries(document.paths).flatMap(([path, methods]) => {
    const { post } = methods as { post?: { requestBody: { content: Record<string, { example?: unknown }> } } };
    const example = post?.requestBody.content['application/json']?.example;
    if (example === undefined) return [];
    const pointer = `/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`;
    return [[path, ajv.validate({ $ref: `sidecar#${pointer}` }, example)]];
  });
  expect(checked).toHaveLength(14);
  expect(checked.filter(([, isValid]) => isValid !== true)).toEqual([]);
});
