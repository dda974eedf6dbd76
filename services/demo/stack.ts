import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../pipeline/package-file.ts';
import { Program } from './program.ts';

export const INGEST_KEY = 'demo-ingest-key';
const ADMIN_KEY = `mutt-demo-${'a'.repeat(40)}`;
const REPLY_MS = 10_000;

/** In the order in which they end: first what takes in. */
const SERVICES = ['ingestor', 'alerter', 'moog-forwarder'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A process of a service. */
export interface Instance {
  readonly service: ServiceName;
  readonly program: Program;
  readonly url: string;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly problems: readonly string[];
  readonly config: { readonly state: string; readonly revision: number };
}

/** Everything that the pipeline needs, as processes of this machine: Redis, the server, a Moog, and two of each service. */
export class Stack {
  readonly redisUrl: string;
  readonly serverUrl: string;
  readonly moogUrl: string;
  /** Where a browser is signed in, once. */
  readonly signInLink: string;
  readonly #folder: string;
  readonly #others: readonly Program[];
  readonly #instances: Instance[] = [];
  #diedAlone = 0;

  private constructor(
    folder: string,
    urls: { readonly redis: string; readonly server: string; readonly moog: string },
    others: readonly Program[],
  ) {
    this.#folder = folder;
    this.redisUrl = urls.redis;
    this.serverUrl = urls.server;
    this.moogUrl = urls.moog;
    this.signInLink = /http\S+\/sign-in\S*/.exec(others.map(({ output }) => output).join('\n'))?.[0] ?? urls.server;
    this.#others = others;
  }

  /** Two of each service, unless told otherwise. */
  static async start(perService = 2): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'mutt-demo-'));
    const others: Program[] = [];
    let stack: Stack | null = null;
    try {
      const redisPort = await freePort();
      const urls = { redis: `redis://127.0.0.1:${redisPort}`, server: await freeUrl(), moog: await freeUrl() };
      const server = { REDIS_URL: urls.redis, MUTT_DATA_DIR: join(folder, 'server'), MUTT_API_KEY: ADMIN_KEY };
      others.push(await startRedis(redisPort, folder));
      await all([
        async () => others.push(await startNode('mutt-server', serverProgram(), urls.server, '/readyz', server)),
        async () => others.push(await startNode('fake-moog', serviceProgram('fake-moog'), urls.moog, '/stats', {})),
      ]);
      const started = (stack = new Stack(folder, urls, others));
      const names = SERVICES.flatMap((name) => Array.from({ length: perService }, () => name));
      await all(names.map((name) => () => started.startInstance(name)));
      return stack;
    } catch (error) {
      const programs = [...others, ...(stack?.instances ?? []).map(({ program }) => program)];
      for (const program of programs.toReversed()) await program.kill();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  urlsOf(service: ServiceName): readonly string[] {
    return this.#instances.filter((instance) => instance.service === service).map(({ url }) => url);
  }

  async startInstance(service: ServiceName): Promise<Instance> {
    const url = await freeUrl();
    const program = await startNode(service, serviceProgram(service), url, '/healthz', {
      REDIS_URL: this.redisUrl,
      LOG_LEVEL: 'warn',
      INGEST_API_KEY: INGEST_KEY,
      MOOG_WEBHOOK_URL: `${this.moogUrl}/webhook`,
      RULES_FILE: fileURLToPath(packageFile('alerter/rules.yaml')),
    });
    const instance = { service, program, url };
    this.#instances.push(instance);
    return instance;
  }

  /** As a crash would end it; another one is to be started in its place. */
  async killInstance(instance: Instance): Promise<void> {
    this.#instances.splice(this.#instances.indexOf(instance), 1);
    if (instance.program.diedAlone) this.#diedAlone += 1;
    await instance.program.kill();
  }

  /** How many processes ended without being told to. */
  get deaths(): number {
    const programs = [...this.#others, ...this.#instances.map(({ program }) => program)];
    return this.#diedAlone + programs.filter(({ diedAlone }) => diedAlone).length;
  }

  async health(): Promise<readonly (Health & { readonly service: ServiceName })[]> {
    return Promise.all(
      this.#instances.map(async ({ service, url }) => {
        const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(REPLY_MS) });
        return { service, ...((await response.json()) as Health) };
      }),
    );
  }

  /**
   * One change set through the server, as an operator makes it.
   *
   * @returns its revision.
   * @throws when the server refuses it, with what it says.
   */
  async change(values: Readonly<Record<string, string>>, reason: string): Promise<number> {
    const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
    const response = await fetch(`${this.serverUrl}/api/v1/changes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': ADMIN_KEY },
      body: JSON.stringify({ changes, reason }),
      signal: AbortSignal.timeout(REPLY_MS),
    });
    if (!response.ok) throw new Error(`The server refused ${JSON.stringify(values)}: ${await response.text()}`);
    return ((await response.json()) as { revision: number }).revision;
  }

  /** What Moog has received so far. */
  async moog(): Promise<{ readonly received: number; readonly requests: number }> {
    const response = await fetch(`${this.moogUrl}/stats`, { signal: AbortSignal.timeout(REPLY_MS) });
    return (await response.json()) as { received: number; requests: number };
  }

  /** What an instance counts. */
  async metrics({ url }: Pick<Instance, 'url'>): Promise<string> {
    return (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(REPLY_MS) })).text();
  }

  /** In order: first what takes in, then what the others need. */
  async stop(): Promise<void> {
    for (const service of SERVICES) {
      const ending = this.#instances.filter((instance) => instance.service === service);
      await Promise.all(ending.map(({ program }) => program.stop()));
    }
    for (const program of this.#others.toReversed()) await program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Waits for all of them, whatever becomes of one: what was started is there to be ended. */
async function all(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results = await Promise.allSettled(tasks.map((task) => task()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function startRedis(port: number, dir: string): Promise<Program> {
  const flags = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no' };
  return Program.start({
    name: 'redis-server',
    command: 'redis-server',
    args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    isReady: (output) => Promise.resolve(output.includes('Ready to accept connections')),
  });
}

function startNode(
  name: string,
  file: string,
  url: string,
  readyPath: string,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  return Program.start({
    name,
    command: process.execPath,
    args: [file],
    env: { ...env, HOST: '127.0.0.1', PORT: new URL(url).port },
    isReady: async () => (await fetch(url + readyPath, { signal: AbortSignal.timeout(REPLY_MS) })).ok,
  });
}

/** Programs are run as they were compiled, wherever this runs from. */
function serverProgram(): string {
  return fileURLToPath(packageFile('../packages/server/dist/main.js'));
}

function serviceProgram(name: string): string {
  return fileURLToPath(packageFile(`dist/${name}/main.js`));
}

async function freeUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
