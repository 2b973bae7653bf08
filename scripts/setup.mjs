#!/usr/bin/env node
// Prepares a checkout: needs Node and npm, nothing else. Runs before every command that needs it (the `pre` scripts of package.json)
// and is silent when there is nothing to do. Speaks on standard error, so that `--json` output stays clean.
//
//   node scripts/setup.mjs                   packages and Temporal CLI
//   node scripts/setup.mjs --packages-only   packages
//   node scripts/setup.mjs --find-temporal   prints the path of the Temporal CLI; installs nothing
//   node scripts/setup.mjs --find-server     prints the folder of the Temporal server; builds nothing
//   node scripts/setup.mjs --build-server    builds it where it is not there, and prints its folder
import { buildServer, findServer } from './setup/build-server.mjs';
import { findTemporal } from './setup/find-temporal.mjs';
import { fetchTemporal, HOW_TO_GET_TEMPORAL } from './setup/fetch-temporal.mjs';
import { installPackages } from './setup/install-packages.mjs';

const MINIMUM_NODE = [20, 19];

try {
  checkNode();
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\nSet-up failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(flags) {
  const known = ['--packages-only', '--find-temporal', '--find-server', '--build-server'];
  const unknown = flags.filter((flag) => !known.includes(flag));
  if (unknown.length > 0) throw new Error(`unknown option ${unknown.join(', ')}; there are ${known.join(' and ')}.`);
  if (flags.includes('--find-temporal')) {
    const found = findTemporal();
    if (found === undefined)
      throw new Error(`no Temporal CLI is there yet. Run \`node scripts/setup.mjs\`.\n${HOW_TO_GET_TEMPORAL}`);
    process.stdout.write(`${found}\n`);
    return;
  }
  if (flags.includes('--find-server') || flags.includes('--build-server')) {
    const found = flags.includes('--build-server') ? await buildServer() : findServer();
    if (found === undefined)
      throw new Error('no Temporal server was built yet: `node scripts/setup.mjs --build-server`.');
    process.stdout.write(`${found}\n`);
    return;
  }
  await installPackages();
  if (!flags.includes('--packages-only') && findTemporal() === undefined) await fetchTemporal();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  throw new Error(
    `this is Node ${process.versions.node}; Node ${MINIMUM_NODE.join('.')} or later is needed: https://nodejs.org/`,
  );
}
