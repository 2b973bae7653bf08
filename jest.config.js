'use strict';

// `*.long.test.ts` run in `npm run test:all` only, after the others: scripts/test-all.ts sets TEST_LONG.
const long = process.env.TEST_LONG === '1';

const swc = (parser) => [
  '@swc/jest',
  { jsc: { parser, target: 'es2022', transform: { react: { runtime: 'automatic' } } }, sourceMaps: 'inline' },
];
const typescript = swc({ syntax: 'typescript' });

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>'],
  testMatch: [long ? '**/*.long.test.ts' : '**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '/\\.data/',
    '<rootDir>/scripts/new/templates/',
    ...(long ? [] : ['\\.long\\.test\\.ts$']),
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
  transform: {
    '^.+\\.ts$': typescript,
    '^.+\\.tsx$': swc({ syntax: 'typescript', tsx: true }),
    'schema-engine-wasm/.+\\.js$': typescript,
  },
  // `import('./x.js')` of a TypeScript file, which is loaded when it is first needed.
  moduleNameMapper: { '^(\\.{1,2}/.+)\\.js$': '$1' },
  // Comes as an ES module only, which jest cannot `require` on Node 20.
  transformIgnorePatterns: ['/node_modules/(?!@prisma/schema-engine-wasm/)'],
  globalSetup: '<rootDir>/tests/global-setup.ts',
  globalTeardown: '<rootDir>/tests/global-teardown.ts',
  // Tests wait for real servers on the same machine for half of their time: two suites more than the cores that are usual.
  maxWorkers: 4,
  reporters: ['default', '<rootDir>/tests/progress-reporter.js'],
  testTimeout: 120_000,
};
