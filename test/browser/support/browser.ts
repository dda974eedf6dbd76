import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { chromiumCommand } from '../../../scripts/chromium-command.mjs';

/** Nothing that calls home, and nothing that needs a GPU or a user of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface ContextOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

export interface TestBrowser {
  /** A person's browser: cookies and storage of its own. */
  context(options?: ContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** A real Chromium. */
export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = chromiumCommand();
  if (executablePath === null) throw new Error('The tests need Chromium: `npm test` installs it where it can.');
  const home = mkdtempSync(join(tmpdir(), 'mutt-browser-'));
  const browser = await chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, HOME: home } });
  return {
    async context({ colorScheme = 'light', viewport = { width: 1280, height: 800 } } = {}) {
      const context = await browser.newContext({ colorScheme, viewport, locale: 'en-GB', timezoneId: 'UTC' });
      context.setDefaultTimeout(15_000);
      return context;
    },
    async close() {
      await browser.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
