import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** One page of a headless browser. */
export interface BrowserPage {
  /** Opens an address, waits until the page shows each of the texts, and lets it settle. Throws when it does not within a minute. */
  show(url: string, texts: readonly string[]): Promise<void>;
  /** Runs JavaScript in the page. */
  run(script: string): Promise<unknown>;
  /** Writes a picture of the page as PNG, so many pixels wide and high. */
  shoot(file: string, width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const SHOWN_WITHIN_MS = 60_000;
const SETTLES_IN_MS = 2_000;

/** Starts a headless Chromium with a profile of its own. Throws when there is none, saying what to install. */
export async function openBrowser(): Promise<BrowserPage> {
  const name = NAMES.find((one) => spawnSync(one, ['--version']).status === 0);
  if (name === undefined)
    throw new Error(`None of ${NAMES.join(', ')} is on the PATH. Install one, on Debian: apt-get install chromium`);
  const profile = await mkdtemp(join(tmpdir(), 'screenshots-'));
  // --no-sandbox: root, as in a container, has no other way; the pages are our own.
  const flags = `--headless --no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update
    --disable-sync --no-first-run --hide-scrollbars --remote-debugging-pipe --user-data-dir=${profile} about:blank`;
  const browser = spawn(name, flags.split(/\s+/), { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const send = await attach(browser);
  const run = async (script: string): Promise<unknown> => {
    const answer = await send('Runtime.evaluate', { expression: script, awaitPromise: true, returnByValue: true });
    return (answer['result'] as { value?: unknown }).value; // Runtime.RemoteObject
  };
  return {
    run,
    async show(url, texts) {
      await send('Page.navigate', { url });
      const until = performance.now() + SHOWN_WITHIN_MS;
      for (;;) {
        const shown = String(await run('document.body.innerText'));
        const missing = texts.filter((text) => !shown.includes(text));
        if (missing.length === 0) break;
        if (performance.now() > until)
          throw new Error(`${url} does not show "${missing.join('", "')}", but:\n${shown}`);
        await pause(250);
      }
      await pause(SETTLES_IN_MS);
    },
    async shoot(file, width, height) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await pause(SETTLES_IN_MS);
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      await writeFile(file, Buffer.from(String(data), 'base64'));
    },
    async close() {
      const closed = once(browser, 'close');
      browser.kill('SIGTERM');
      await closed;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

interface Asked {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

/** Speaks the DevTools protocol with the browser's page: JSON texts that end with a zero byte, on file descriptors 3 and 4. */
async function attach(browser: ChildProcess): Promise<Send> {
  const [, , , requests, answers] = browser.stdio as unknown as [null, null, null, Writable, Readable]; // as spawned
  const waiting = new Map<number, Asked>();
  let id = 0;
  let rest = '';
  answers.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const message = JSON.parse(text) as {
        id?: number;
        result?: Record<string, unknown>;
        error?: { message: string };
      };
      const asked = waiting.get(message.id ?? 0);
      if (message.error) asked?.reject(new Error(message.error.message));
      else asked?.resolve(message.result ?? {});
      waiting.delete(message.id ?? 0);
    }
  });
  browser.once('close', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The browser ended with code ${code}.`));
  });
  const send = (method: string, params: object, sessionId?: unknown): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      id += 1;
      waiting.set(id, { resolve, reject });
      requests.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const { targetInfos } = await send('Target.getTargets', {});
  const page = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === 'page');
  const { targetId } = page ?? (await send('Target.createTarget', { url: 'about:blank' }));
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  return (method, params = {}) => send(method, params, sessionId);
}
