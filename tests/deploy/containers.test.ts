import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockerfileParser, type Copy, type From } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { ingressEnvironment } from '../../ingress/config';
import { workerEnvironment } from '../../workers/config';

/** Containers are not started here: this holds what can be held without. */
const folder = join('deploy', 'docker');

interface Service {
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly [key: string]: unknown;
}

/** Of a service, as the Compose specification names them; anything else is a slip of the pen. */
const KEYS =
  'image build env_file read_only tmpfs cap_drop security_opt volumes logging healthcheck restart command entrypoint depends_on ' +
  'environment stop_grace_period mem_limit pids_limit expose profiles stdin_open tty';

let dockerfile: string;
let compose: { services: Record<string, Service>; volumes: Record<string, unknown> };

beforeAll(async () => {
  dockerfile = await readFile(join(folder, 'Dockerfile'), 'utf8');
  compose = parse(await readFile(join(folder, 'compose.yaml'), 'utf8'), { merge: true });
});

const graceSeconds = (): number => workerEnvironment.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);

describe('the Dockerfile', () => {
  it('has nothing that its linter objects to', () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  it('takes from the stage that builds only what runs, and runs it as an ordinary user', () => {
    const instructions = DockerfileParser.parse(dockerfile).getInstructions();
    const stages = instructions.filter((one): one is From => one.getKeyword() === 'FROM');
    expect(stages.map((stage) => stage.getBuildStage())).toEqual(['build', null]);
    const last = instructions.slice(instructions.lastIndexOf(stages[1]!));
    const copies = last.filter((one): one is Copy => one.getKeyword() === 'COPY');
    expect(copies.map((copy) => copy.getArguments().map(String))).toEqual([
      ['/app/package.json', './'],
      ['/app/node_modules', './node_modules'],
      ['/app/dist', './dist'],
    ]);
    const users = last.filter((one) => one.getKeyword() === 'USER').map((one) => one.getArgumentsContent());
    expect(users).toEqual(['1000:1000']);
    expect(last.findIndex((one) => one.getKeyword() === 'USER')).toBeLessThan(
      last.findIndex((one) => one.getKeyword() === 'CMD'),
    );
  });

  it('holds no secret: it has no variable but those of Node, its memory and the packages to omit', () => {
    const named = [...dockerfile.matchAll(/^(?:ENV|ARG) ([^\s=]+)/gm)].map(([, name]) => name);
    expect(named).toEqual(['NODE_IMAGE', 'OMIT', 'NODE_ENV', 'UV_THREADPOOL_SIZE', 'MALLOC_MMAP_THRESHOLD_']);
  });

  it('is given every folder of code, without tests and lab', async () => {
    const lines = (await readFile(join(folder, 'Dockerfile.dockerignore'), 'utf8')).trim().split('\n');
    const given = lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const { include = [] } = JSON.parse(await readFile('tsconfig.json', 'utf8'));
    expect(include).toEqual(['**/*.ts', '**/*.tsx']); // so what is built is what is there
    const entries = await readdir('.', { withFileTypes: true });
    const code = [
      'activities',
      'client',
      'db',
      'events',
      'ingress',
      'ops',
      'prisma',
      'protocol',
      'scripts',
      'stack',
      'workers',
      'workflows',
    ];
    const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(given).toEqual(expect.arrayContaining(code.filter((name) => there.includes(name))));
    for (const name of ['lab', 'tests']) expect(given).not.toContain(name);
    expect(lines[0]).toBe('*');
    expect(lines).toContain('**/*.test.ts');
  });
});

describe('compose.yaml', () => {
  const services = () => Object.entries(compose.services);

  it('has only keys that Compose knows, and volumes and services that are there', () => {
    for (const [, service] of services()) {
      expect(Object.keys(service).filter((key) => !KEYS.split(' ').includes(key))).toEqual([]);
      for (const name of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services)).toContain(name);
      const named = service.volumes.map((volume) => volume.split(':')[0]!).filter((name) => !name.startsWith('.'));
      expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
    }
  });

  it('lets no service write to its image, gain rights, or be reached from outside', () => {
    for (const [name, service] of services()) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        env_file: [['publish', 'sidecar'].includes(name) ? 'publisher.env' : 'worker.env'],
      });
      expect(service).not.toHaveProperty('ports');
      expect(service).not.toHaveProperty('privileged');
    }
  });

  it("gives the publisher neither the worker's variables nor its keys", () => {
    const { volumes, environment } = compose.services['publish']!;
    expect(volumes).toEqual([expect.stringMatching(/^large-events:/), './publisher:/etc/chat-events:ro']);
    expect(Object.keys(environment ?? {})).toEqual(['LARGE_EVENTS_DIR']);
  });

  it("gives the sidecar a journal that no other service has, and neither the worker's variables nor its keys", () => {
    const journal = 'journal:/var/lib/chat-events/journal';
    expect(services().filter(([, { volumes }]) => volumes.includes(journal))).toMatchObject([['sidecar', {}]]);
    expect(compose.services['sidecar']!.volumes).toContain('./publisher:/etc/chat-events:ro');
    expect(dockerfile).toContain(' /var/lib/chat-events/journal\n'); // whose owner the volume takes
  });

  it('git takes none of the files with secrets that it names', async () => {
    const ignored = (await readFile('.gitignore', 'utf8')).split('\n');
    for (const line of ['*.env', 'certificates/', 'publisher/']) expect(ignored).toContain(`deploy/docker/${line}`);
  });

  it('runs files that the build makes', () => {
    const files = services().flatMap(([, { command = [], entrypoint = [] }]) =>
      [...entrypoint, ...command].filter((word) => word.startsWith('dist/')),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of [...files, 'dist/workers/main.js']) {
      expect(existsSync(file.replace('dist/', '').replace(/\.js$/, '.ts'))).toBe(true);
    }
  });

  it('migrates, then seeds, then works', () => {
    const after = (name: string) => Object.entries(compose.services[name]?.depends_on ?? {});
    expect(after('seed')).toEqual([['migrate', { condition: 'service_completed_successfully' }]]);
    expect(after('worker')).toEqual([['seed', { condition: 'service_completed_successfully' }]]);
  });

  it('gives a worker the time to end in order', () => {
    const seconds = Number(/^(\d+)s$/.exec(String(compose.services['worker']?.['stop_grace_period']))?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(graceSeconds() + 30);
  });

  it('sets only variables that there are', () => {
    for (const [, { environment = {} }] of services())
      for (const name of Object.keys(environment)) {
        expect({ ...workerEnvironment.shape, ...ingressEnvironment.shape }).toHaveProperty(name);
      }
  });
});
