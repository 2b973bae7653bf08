import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { catalogue } from '../../../events/catalogue';
import { readIngressConfig } from '../../../ingress/config';
import { startIngress, type RunningIngress } from '../../../ingress/start-ingress';
import { runCommand } from '../../../stack/run-command';
import { makeIngressFolder, type IngressFolder } from '../../../tests/ingress-environment';
import { runWorker, type Running } from '../../../tests/running-worker';

const example = (name: string): string => join(__dirname, name);
const ban = catalogue['Agent.Ban'].example;

/** A page's program, and what it needs on this machine. */
interface Program {
  readonly name: string;
  readonly needs: readonly (readonly string[])[];
  /** Makes it ready in a folder, and says how it is called. */
  readonly prepare: (folder: string) => Promise<readonly string[]>;
}

const overHttp: readonly Program[] = [
  { name: 'curl', needs: [['curl', '--version']], prepare: async () => ['bash', example('publish.sh')] },
  { name: 'TypeScript', needs: [], prepare: async () => ['tsx', example('publish-over-http.ts')] },
  { name: 'Python', needs: [['python3', '--version']], prepare: async () => ['python3', example('publish_events.py')] },
  { name: 'Java', needs: [['javac', '-version']], prepare: async () => ['java', example('PublishEvents.java')] },
  {
    name: 'C#',
    needs: [
      ['mcs', '--version'],
      ['mono', '--version'],
    ],
    prepare: async (folder) => {
      const file = join(folder, 'PublishEvents.exe');
      await run(['mcs', `-out:${file}`, '-r:System.Net.Http.dll', example('PublishEvents.cs')]);
      return ['mono', file];
    },
  },
];

const withTemporal: readonly Program[] = [
  {
    name: 'Python',
    needs: [
      ['python3', '-m', 'venv', '--help'],
      ['python3', '-m', 'pip', '--version'],
    ],
    prepare: async (folder) => {
      const venv = join(folder, 'venv');
      await run(['python3', '-m', 'venv', venv]);
      await run([join(venv, 'bin', 'pip'), 'install', '--quiet', 'temporalio==1.35.0']);
      return [join(venv, 'bin', 'python'), example('publish_with_temporal.py')];
    },
  },
  {
    name: 'Java',
    needs: [
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    prepare: async (folder) => {
      await writeFile(join(folder, 'pom.xml'), POM);
      const classPath = join(folder, 'class-path');
      const goal = ['dependency:build-classpath', '-Dmdep.includeScope=runtime', `-Dmdep.outputFile=${classPath}`];
      await run(['mvn', '--quiet', '--batch-mode', '--file', join(folder, 'pom.xml'), ...goal]);
      return ['java', '--class-path', `@${classPath}`, example('PublishWithTemporal.java')];
    },
  },
];

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>example</groupId><artifactId>publish</artifactId><version>1</version><dependencies><dependency>
<groupId>io.temporal</groupId><artifactId>temporal-sdk</artifactId><version>1.32.0</version>
</dependency></dependencies></project>`;

/** @throws where the command fails, with what it says */
async function run(command: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command);
  if (code !== 0) throw new Error(`${command.join(' ')} failed with ${code}: ${output}`);
}

/** The programs whose needs this machine lacks are skipped, by name. */
const described = (programs: readonly Program[]) =>
  programs.map((program) => {
    const missing = program.needs.filter(([file = '', ...args]) => spawnSync(file, args).status !== 0);
    const isThere = missing.length === 0;
    const names = missing.map((command) => command.join(' ')).join(', ');
    return { ...program, isThere, title: isThere ? program.name : `${program.name} (skipped: no ${names})` };
  });

let folder: string;
let file: string;
let wrong: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  [file, wrong] = [join(folder, 'ban.json'), join(folder, 'wrong.json')];
  await writeFile(file, JSON.stringify(ban));
  await writeFile(wrong, JSON.stringify({ ...ban, BanType: {} }));
});

afterAll(() => rm(folder, { recursive: true }));

describe('over the sidecar', () => {
  /** Status and key of each answer, by the id that was sent; the first answer of an id does not arrive. */
  const answers = new Map<string, string[]>();
  let files: IngressFolder;
  let ingress: RunningIngress;
  let losing: Server;
  let env: Record<string, string>;

  // No cluster listens at its address: events stay in the journal.
  beforeAll(async () => {
    files = makeIngressFolder();
    const environment = { ...files.environment, TEMPORAL_ADDRESS: '127.0.0.1:9' };
    ingress = await startIngress(readIngressConfig(environment), pino({ level: 'silent' }));
    const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks = await request.toArray();
      const { authorization = '', 'content-type': type = '', 'idempotency-key': id } = request.headers;
      const headers = { authorization, 'content-type': type, 'idempotency-key': String(id) };
      const answer = await fetch(`${ingress.url}${request.url}`, {
        method: 'POST',
        headers,
        body: Buffer.concat(chunks),
      });
      const text = await answer.text();
      const { key } = JSON.parse(text) as { key: string };
      const earlier = answers.get(String(id)) ?? [];
      answers.set(String(id), [...earlier, `${answer.status} ${key}`]);
      if (earlier.length === 0 && answer.ok) request.socket.destroy();
      else response.writeHead(answer.status).end(text);
    };
    losing = createServer((request, response) => void forward(request, response)).listen(0, '127.0.0.1');
    await once(losing, 'listening');
    const url = `http://127.0.0.1:${(losing.address() as AddressInfo).port}`; // it listens on TCP
    env = { CHAT_EVENTS_URL: url, CHAT_EVENTS_TOKEN: files.token };
  });

  afterAll(async () => {
    losing.close();
    await ingress.stop();
    files.remove();
  });

  for (const program of described(overHttp)) {
    (program.isThere ? describe : describe.skip)(program.title, () => {
      const id = `by-${program.name}`;
      let command: readonly string[];

      beforeAll(async () => {
        command = await program.prepare(folder);
      });

      test('publishes an event under one id, also where the first answer is lost', async () => {
        const call = [...command, 'Agent.Ban', file, id];
        let { code, output } = await runCommand(call, { env });
        // curl ends without an answer, and its page says to call it again.
        if (program.name === 'curl') {
          expect(code).not.toBe(22);
          ({ code, output } = await runCommand(call, { env }));
        }
        expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`"key":"Agent.Ban/10001/${id}"`) });
        expect(answers.get(id)).toEqual(Array(2).fill(`202 Agent.Ban/10001/${id}`));
      });

      test('shows what is wrong with an event that is refused, and does not try it again', async () => {
        const { code, output } = await runCommand([...command, 'Agent.Ban', wrong, `${id}-wrong`], { env });
        expect({ code, output }).toEqual({ code: expect.any(Number), output: expect.stringContaining('data.BanType') });
        expect(code).not.toBe(0);
        expect(answers.get(`${id}-wrong`)).toHaveLength(1);
        if (program.name === 'curl') expect(output).toContain('status 422');
      });
    });
  }
});

describe("with Temporal's own SDK", () => {
  let running: Running;

  beforeAll(async () => {
    running = await runWorker();
  }, 60_000);

  afterAll(() => running.stop());

  for (const program of described(withTemporal)) {
    (program.isThere ? describe : describe.skip)(program.title, () => {
      test('starts the workflow, which records the event once', async () => {
        const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
        const command = [...(await program.prepare(folder)), 'Agent.Ban', file, '10001', `by-${program.name}`];
        const start = () => runCommand(command, { env: { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } });
        for (const said of ['accepted', 'duplicate']) {
          const { code, output } = await start();
          expect(`${output} code ${code}`).toMatch(new RegExp(`${said}\\s+code 0$`, 'u'));
        }
        const key = `Agent.Ban/10001/by-${program.name}`;
        await running.until(async () => {
          const { rowCount } = await running.pool.query('select from event where key = $1', [key]);
          return rowCount === 1;
        });
      }, 300_000);
    });
  }
});
