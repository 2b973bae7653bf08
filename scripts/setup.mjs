#!/usr/bin/env node
// Prepares a checkout: needs Node and npm, nothing else. scripts/run.mjs does the same before each command. It speaks on standard error.
//
//   node scripts/setup.mjs                   packages and Temporal CLI
//   node scripts/setup.mjs --packages-only   packages
//   node scripts/setup.mjs --find-temporal   prints the path of the Temporal CLI; installs nothing
//   node scripts/setup.mjs --find-server     prints the folder of the Temporal server; builds nothing
//   node scripts/setup.mjs --build-server    builds it where it is not there, and prints its folder
import { buildServer, findServer } from './setup/build-server.mjs';
import { HOW_TO_GET_TEMPORAL } from './setup/fetch-temporal.mjs';
import { findTemporal } from './setup/find-temporal.mjs';
import { prepare } from './setup/prepare.mjs';

const actions = {
  '--packages-only': () => prepare({ temporal: false }),
  '--find-temporal': () =>
    print(findTemporal(), `no Temporal CLI is there yet. Run \`node scripts/setup.mjs\`.\n${HOW_TO_GET_TEMPORAL}`),
  '--find-server': () =>
    print(findServer(), 'no Temporal server was built yet: `node scripts/setup.mjs --build-server`.'),
  '--build-server': async () => print(await buildServer()),
};

try {
  const flags = process.argv.slice(2);
  const action = flags.length === 0 ? () => prepare({ temporal: true }) : actions[flags[0]];
  if (flags.length > 1 || action === undefined) {
    throw new Error(`unknown option ${flags.join(' ')}; there is one of ${Object.keys(actions).join(', ')}.`);
  }
  await action();
} catch (error) {
  process.stderr.write(`\nSet-up failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function print(found, missing) {
  if (found === undefined) throw new Error(missing);
  process.stdout.write(`${found}\n`);
}
