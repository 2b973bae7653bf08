// Starts each command of package.json: prepares its packages and the Temporal CLI, then runs its program in a process of its own, which gets the
// arguments, the terminal and the signals; its exit code is the command's.
import { spawn } from 'node:child_process';
import { commands } from './commands.mjs';
import { prepare } from './setup/prepare.mjs';

/** Runs a command to its end. */
async function run(name, given) {
  const command = commands[name];
  if (command === undefined)
    throw new Error(`There is no command ${name}; there are ${Object.keys(commands).join(', ')}.`);
  const { program, arguments: first = [], temporal = false, settings = {} } = command;
  try {
    await prepare({ temporal });
  } catch (error) {
    throw new Error(`Set-up failed: ${error.message}`, { cause: error });
  }
  const loader = program.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, program, ...first, ...given], {
    stdio: 'inherit',
    env: { ...settings, ...process.env },
  });
  const passOn = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  if (signal === null) return code;
  process.removeAllListeners(signal);
  process.kill(process.pid, signal); // so that the caller sees the same end
  return 1;
}

run(process.argv[2], process.argv.slice(3)).then(
  (code) => (process.exitCode = code),
  (error) => {
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  },
);
