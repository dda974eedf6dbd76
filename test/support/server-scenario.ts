import { rm } from 'node:fs/promises';
import type { ConnectOptions, DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { makeDataDir } from './data-dir.ts';
import { freePort } from './free-port.ts';
import { Scenario } from './scenario.ts';
import { startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** One Redis, and one server process in front of it, for instances that know only the server. */
export class ServerScenario implements AsyncDisposable {
  readonly scenario: Scenario;
  /** Between the server and its Redis. */
  readonly toRedis: TcpProxy;
  readonly port: number;
  readonly #dataDir: string;
  #server: ServerProcess | null = null;
  #apiKey = `mutt-${'k'.repeat(40)}`;

  private constructor(scenario: Scenario, toRedis: TcpProxy, port: number, dataDir: string) {
    this.scenario = scenario;
    this.toRedis = toRedis;
    this.port = port;
    this.#dataDir = dataDir;
  }

  static async start(): Promise<ServerScenario> {
    const scenario = await Scenario.start();
    const dataDir = await makeDataDir('mutt-server-');
    scenario.defer(() => rm(dataDir, { recursive: true, force: true }));
    const toRedis = await scenario.proxy();
    toRedis.isRaw = true;
    const started = new ServerScenario(scenario, toRedis, await freePort(), dataDir);
    scenario.defer(async () => started.#server?.stop());
    await started.startServer();
    return started;
  }

  get server(): ServerProcess {
    if (this.#server === null) throw new Error('The server does not run');
    return this.#server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  /** Starts it on the same port and folder; with another API key, the one before opens nothing any more. */
  async startServer(apiKey?: string): Promise<void> {
    const args = apiKey === undefined ? [] : ['--new-api-key'];
    this.#apiKey = apiKey ?? this.#apiKey;
    const [PORT, MUTT_DATA_DIR] = [String(this.port), this.#dataDir];
    const env = { PORT, MUTT_DATA_DIR, MUTT_API_KEY: this.#apiKey, REDIS_URL: this.toRedis.url, LOG_LEVEL: 'fatal' };
    this.#server = await startServerProcess(env, args);
  }

  async killServer(): Promise<void> {
    await this.#server?.kill('SIGKILL');
  }

  /** A proxy between instances and the server. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(this.port);
    proxy.isRaw = true;
    this.scenario.defer(() => proxy.close());
    return proxy;
  }

  /** An instance that keeps current over HTTP, through a proxy where one is given. */
  async connect(proxy: { readonly port: number } = this, options: ConnectOptions = {}): Promise<DynamicConfig> {
    const { apiKey } = this;
    return this.scenario.connect({ url: `http://127.0.0.1:${proxy.port}` }, { apiKey, ...options });
  }

  /** Resolves when the server serves, and is proven current. */
  async isReady(): Promise<void> {
    await until('the server is ready', async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scenario[Symbol.asyncDispose]();
  }
}
