'use strict';

// `*.long.test.ts` run in `npm run test:all` only; scripts/test-all.ts sets TEST_LONG.
const long = process.env.TEST_LONG === '1';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.data/', ...(long ? [] : ['\\.long\\.test\\.ts$'])],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, sourceMaps: 'inline' }],
  },
  globalSetup: '<rootDir>/tests/global-setup.ts',
  globalTeardown: '<rootDir>/tests/global-teardown.ts',
  // Tests talk to real servers on the same machine: more of them at once only makes each slower.
  maxWorkers: 2,
  testTimeout: 30_000,
};
