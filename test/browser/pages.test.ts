import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { PASSWORD, UiScenario } from './support/ui-scenario.ts';

const PHONE = { width: 390, height: 844 };

/** The path of each page, and its title. */
const PAGES = [
  ['/', 'Settings'],
  ['/setting?key=moog_rate_limit', 'moog_rate_limit'],
  ['/overview', 'Overview'],
  ['/activity', 'Activity'],
  ['/audit', 'Audit'],
  ['/access', 'Access'],
] as const;

const HOSTILE = '<img src=x onerror="document.title=1"> \u202Egnp.exe';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    moog_rate_limit: { type: 'integer', rule: { min: 1, max: 10_000 }, default: '100' },
    debug_mode: { type: 'boolean', rule: {}, default: 'false' },
  });
  await ui.set({ moog_rate_limit: '250', greeting: HOSTILE, long: 'x'.repeat(100_000) }, HOSTILE);
  await ui.set({ moog_rate_limit: '300' });
  await ui.user('alice', 'admin');
});
afterAll(() => ui[Symbol.asyncDispose]());

describe('every page', () => {
  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { colorScheme: 'light', viewport: PHONE }],
  ] as const)('has no serious finding of axe, scrolls down only and keeps to its policy: %s', async (look, options) => {
    const page = await ui.open('/', options);
    for (const [path, title] of PAGES) {
      await page.goto(ui.url + path);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page.waitForLoadState('load');
      await expectAccessible(page);
      const width = await page.evaluate(
        '[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]',
      );
      expect({ path, width }).toEqual({
        path,
        width: Array(3).fill((options as { viewport?: typeof PHONE }).viewport?.width ?? 1280),
      });
      expect(await page.title()).toContain('MUTT configuration');
      await screenshot(page, `page-${title.toLowerCase()}-${look}`);
    }
    expect(page.troubles).toEqual([]);
  });
});

describe('by keyboard only', () => {
  it('one signs in, finds a setting, opens it, and goes to each page', async () => {
    const page = await ui.openIn(await ui.browser.context(), '/sign-in');
    const { keyboard } = page;
    const at = async (title: string): Promise<void> => page.getByRole('heading', { level: 1, name: title }).waitFor();
    await at('Sign in');
    await keyboard.type('alice');
    await keyboard.press('Tab');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await at('Settings');
    await page.getByText('greeting').waitFor();

    await keyboard.press('/');
    await keyboard.type('moog');
    await page.getByText('greeting').waitFor({ state: 'detached' });
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await at('moog_rate_limit');

    for (const [key, title] of [
      ['2', 'Overview'],
      ['3', 'Activity'],
      ['4', 'Audit'],
      ['5', 'Access'],
    ] as const) {
      await keyboard.press(key);
      await at(title);
    }

    await page.getByRole('tab', { name: 'Users' }).waitFor();
    await tabTo(page, 'Users');
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'New API key' }).waitFor();
    await tabTo(page, 'New API key');
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'New API key' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(async () => page.evaluate('document.activeElement.textContent')).toBe('New API key');
    expect(page.troubles).toEqual([]);
  });
});

/** Presses Tab until what has the text has the focus. */
async function tabTo(page: Awaited<ReturnType<UiScenario['open']>>, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await page.evaluate('document.activeElement.textContent')) === text) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${text}.`);
}
