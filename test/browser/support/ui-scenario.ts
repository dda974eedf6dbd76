import { rm } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { startServer } from '@mutt/server';
import type { RunningServer } from '@mutt/server';
import { makeDataDir } from '../../support/data-dir.ts';
import { startRedis } from '../../support/redis-server.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import { startBrowser } from './browser.ts';
import type { ContextOptions, TestBrowser } from './browser.ts';

export const PASSWORD = 'correct horse battery staple';

/** A Redis, the server in front of it with its UI, and a Chromium. */
export class UiScenario implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly server: RunningServer;
  readonly browser: TestBrowser;
  readonly #folder: string;
  #signedIn: Map<string, Awaited<ReturnType<BrowserContext['storageState']>>> = new Map();

  private constructor(redis: RedisServer, server: RunningServer, browser: TestBrowser, folder: string) {
    this.redis = redis;
    this.server = server;
    this.browser = browser;
    this.#folder = folder;
  }

  static async start(): Promise<UiScenario> {
    const folder = await makeDataDir('mutt-ui-');
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const server = await startServer({
      host: '127.0.0.1',
      port: 0,
      dataDir: folder,
      entries: { store: 'redis', url: `redis://127.0.0.1:${redis.port}` },
      logLevel: 'error',
    });
    return new UiScenario(redis, server, browser, folder);
  }

  /** By a name for which browsers keep secure cookies without https. */
  get url(): string {
    return this.server.url.replace('127.0.0.1', 'localhost');
  }

  /** The path of the link of the first start, with its token. */
  get signInPath(): string {
    return (this.server.signInLink ?? '').replace(/^https?:\/\/[^/]+/, '');
  }

  /** Asks the API, as the admin key. */
  async call<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
    const response = await fetch(`${this.server.url}/api/v1${path}`, {
      method,
      headers: {
        'x-api-key': this.server.apiKey ?? '',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Reply;
  }

  /** Sets keys, as one change set. */
  async set(values: Readonly<Record<string, string>>, reason = 'set by a test'): Promise<void> {
    const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
    await this.call('POST', '/changes', { changes, reason });
  }

  /** Declares settings in the shape of the API. */
  async declare(settings: Readonly<Record<string, unknown>>, service = 'moog-forwarder'): Promise<void> {
    await this.call('POST', '/settings', { service, version: '2.5.0', settings });
  }

  /** Adds somebody, once. */
  async user(name: string, role: 'viewer' | 'editor' | 'admin', rights: object = {}): Promise<void> {
    const { users } = await this.call<{ users: { name: string }[] }>('GET', '/users');
    if (users.some((user) => user.name === name)) return;
    await this.call('POST', '/users', { name, password: PASSWORD, role, ...rights });
  }

  /** A page of somebody who is signed in, at a path. Whatever the page throws or refuses by its policy fails the test. */
  async open(
    path: string,
    { as = 'alice', ...options }: ContextOptions & { readonly as?: string } = {},
  ): Promise<UiPage> {
    await this.user(as, as === 'victor' ? 'viewer' : 'admin');
    const context = await this.browser.context(options);
    await this.#signIn(context, as);
    return this.openIn(context, path);
  }

  async openIn(context: BrowserContext, path: string): Promise<UiPage> {
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Uncaught|Warning:/.test(message.text())) {
        troubles.push(message.text());
      }
    });
    await page.goto(this.url + path);
    return Object.assign(page, { troubles });
  }

  async #signIn(context: BrowserContext, username: string): Promise<void> {
    const known = this.#signedIn.get(username);
    if (known !== undefined) {
      await context.addCookies(known.cookies);
      return;
    }
    const page = await context.newPage();
    await page.goto(`${this.url}/sign-in`);
    await page.getByLabel('User name').fill(username);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    this.#signedIn.set(username, await context.storageState());
    await page.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server.close();
    await this.redis.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A page, and what it threw or its policy refused. */
export type UiPage = Page & { readonly troubles: readonly string[] };
