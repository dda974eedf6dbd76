import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { UiScenario } from './ui-scenario.ts';

const SETTINGS = 10_000;
const IN_ONE_CHANGE_SET = 1_000;
/** As a quick typist does. */
const BETWEEN_KEYS_MS = 60;

const FIRST_KEY = keyOf(0);

function keyOf(n: number): string {
  return `service_${String(n % 25).padStart(2, '0')}.limit_${String(n).padStart(5, '0')}`;
}

/** Sets 10,000 keys. */
export async function setMany(ui: UiScenario): Promise<void> {
  for (let at = 0; at < SETTINGS; at += IN_ONE_CHANGE_SET) {
    const values = Array.from({ length: IN_ONE_CHANGE_SET }, (_, n) => [keyOf(at + n), String((at + n) * 7)]);
    await ui.set(Object.fromEntries(values) as Record<string, string>);
  }
}

export interface Typing {
  /** What the page worked, of the processor's time where the system tells. */
  readonly workMs: number;
  readonly longestFrameMs: number;
  readonly framesOver50Ms: number;
}

/** Types a search into the page, as people do, and takes it out again. What runs in the page is text here. */
export async function typeSearch(page: Page, query: string): Promise<Typing> {
  await page.getByRole('textbox', { name: 'Search settings' }).focus();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await metric(session, 'TaskDuration');
  await page.evaluate(`
    globalThis.muttFrames = [];
    let last = performance.now();
    requestAnimationFrame(function look(now) {
      globalThis.muttFrames?.push(now - last);
      last = now;
      if (globalThis.muttFrames !== undefined) requestAnimationFrame(look);
    });
  `);
  await page.keyboard.type(query, { delay: BETWEEN_KEYS_MS });
  await page.getByText('1 of ').waitFor();
  for (const _ of query) await page.keyboard.press('Backspace', { delay: BETWEEN_KEYS_MS });
  await page.getByText(/^[\d,]+ settings/).waitFor();
  const frames = (await page.evaluate('[...globalThis.muttFrames]')) as number[];
  await page.evaluate('delete globalThis.muttFrames, document.activeElement.blur()');
  const workMs = (await metric(session, 'TaskDuration')) - before;
  await session.detach();
  return {
    workMs: workMs * 1_000,
    longestFrameMs: Math.max(...frames),
    framesOver50Ms: frames.filter((ms) => ms > 50).length,
  };
}

/** Sets the first key through the API; resolves to the milliseconds until the page shows it. */
export async function seenAfterMs(ui: UiScenario, page: Page, value: string): Promise<number> {
  const startedAt = performance.now();
  const has = `[...document.querySelectorAll('[role=row]')].some((row) => row.textContent.includes(${JSON.stringify(value)}))`;
  // Not by waitForFunction, which the policy of the page does not let in.
  const shown = page.evaluate(`new Promise((resolve) => {
    requestAnimationFrame(function look() { ${has} ? resolve() : requestAnimationFrame(look); });
  })`);
  await ui.call('PUT', `/config/${FIRST_KEY}`, { value });
  await shown;
  return performance.now() - startedAt;
}

/** What JavaScript holds once nothing is left to collect, in MB. */
export async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const bytes = await metric(session, 'JSHeapUsedSize');
  await session.detach();
  return bytes / 1_000_000;
}

/** From the start of the navigation, with nothing in the cache. */
export async function loadMs(
  ui: UiScenario,
  signedIn: BrowserContext,
): Promise<{ readonly content: number; readonly interactive: number }> {
  const context = await ui.browser.context();
  await context.addCookies(await signedIn.cookies());
  // Interactive: the search takes keys, over rows.
  await context.addInitScript(`globalThis.muttInteractiveMs = new Promise((resolve) => {
    requestAnimationFrame(function look() {
      document.querySelector('[role=row][id]') === null ? requestAnimationFrame(look) : resolve(performance.now());
    });
  })`);
  const page = await ui.openIn(context, '/');
  const interactive = (await page.evaluate('globalThis.muttInteractiveMs')) as number;
  // Told of a paint only after it: rows may be in the document before the browser says that anything was painted.
  const content = (await page.evaluate(`new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime);
    }).observe({ type: 'paint', buffered: true });
  })`)) as number;
  await context.close();
  return { content, interactive };
}

async function metric(session: CDPSession, name: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find((one) => one.name === name)?.value ?? Number.NaN;
}
