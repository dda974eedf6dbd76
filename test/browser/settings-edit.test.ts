import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';
import type { UiPage } from './support/ui-scenario.ts';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    moog_rate_limit: {
      type: 'integer',
      rule: { min: 1, max: 10_000 },
      default: '100',
      unit: 'alerts/s',
      description: 'Alerts per second sent to Moog',
    },
    moog_dry_run: { type: 'boolean', rule: {}, default: 'false', description: 'Send nothing, only count' },
    moog_token: { type: 'secret', rule: {}, secret: true, description: 'What opens the webhook' },
    moog_batch_size: { type: 'integer', rule: { min: 1, max: 1_000 }, default: '50', description: 'In one request' },
  });
  for (const value of ['100', '400', '250', '700', '300']) await ui.set({ moog_rate_limit: value });
  await ui.set({ moog_dry_run: 'true', moog_token: 'hunter2', greeting: "it's me" });
});
afterAll(() => ui[Symbol.asyncDispose]());

const rowOf = (key: string): string => `[role=row]:has(a:text-is("${key}"))`;
const valueOf = async (key: string): Promise<string> =>
  (await ui.call<{ value: string }>('GET', `/config/${key}`)).value;

async function openSettings(options: Parameters<UiScenario['open']>[1] = {}): Promise<UiPage> {
  const page = await ui.open('/', options);
  await page.getByRole('link', { name: 'greeting' }).waitFor();
  return page;
}

/** Takes pictures of what is shown, and looks at it with axe, light and dark. */
async function look(page: UiPage, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await screenshot(page, `${name}-${colorScheme}`);
    await expectAccessible(page);
  }
}

describe('settings, several at once', () => {
  it('show the last numbers of a key as a line, also while they change', async () => {
    const page = await openSettings();
    const line = page.locator(`${rowOf('moog_rate_limit')} svg title`, { hasText: '400, 250, 700, 300' });
    await line.waitFor({ state: 'attached' });
    expect(await page.locator(`${rowOf('greeting')} svg title`).count()).toBe(0);
    await ui.set({ moog_rate_limit: '350' });
    await page
      .locator(`${rowOf('moog_rate_limit')} svg title`, { hasText: '700, 300, 350' })
      .waitFor({ state: 'attached' });
    expect(page.troubles).toEqual([]);
  });

  it('are collected in their rows and applied as one', async () => {
    const page = await openSettings();
    await ui.set({ moog_rate_limit: '300', moog_dry_run: 'true' });
    const rate = page.locator(rowOf('moog_rate_limit'));
    await rate.getByText('300 alerts/s').waitFor();
    await rate.hover();
    await rate.getByRole('button', { name: 'Change moog_rate_limit' }).click();
    const field = page.getByLabel('New value of moog_rate_limit');
    await field.fill('20000');
    await page.locator('[aria-invalid=true]').waitFor();
    await field.press('Enter');
    await field.fill('320');
    await page.locator('[aria-invalid=false]').waitFor();
    await field.press('Enter');
    const dryRun = page.locator(rowOf('moog_dry_run'));
    await dryRun.hover();
    await dryRun.getByRole('button', { name: 'Switch moog_dry_run to false' }).click();
    await dryRun.getByText('→ false').waitFor();
    await page.getByText('2 changes collected').waitFor();
    await look(page, 'settings-collected');
    expect(await valueOf('moog_rate_limit')).toBe('300');
    await page.getByRole('button', { name: 'Review and apply' }).click();
    await page.getByLabel('Reason').fill('fewer alerts');
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await rate.getByText('320 alerts/s').waitFor();
    await expect.poll(() => valueOf('moog_dry_run')).toBe('false');
    expect(page.troubles).toEqual([]);
  });

  it('are changed in their rows by keyboard alone', async () => {
    const page = await openSettings();
    await page.keyboard.press('/');
    await page.keyboard.type('batch');
    await page.locator(rowOf('greeting')).waitFor({ state: 'detached' });
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('e');
    await page.keyboard.type('60');
    await page.keyboard.press('Enter');
    await page.locator(rowOf('moog_batch_size')).getByText('→60').waitFor();
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('r');
    await page.getByRole('dialog').getByText('moog_batch_size').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(page.troubles).toEqual([]);
  });

  it('are copied as a file, and reset', async () => {
    const page = await openSettings();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByLabel('Select all that are shown').check();
    await page.getByText('5 selected').waitFor();
    await page.getByRole('button', { name: 'Copy as …' }).click();
    await page.getByRole('menuitem', { name: 'YAML' }).waitFor();
    await look(page, 'settings-selected');
    await page.getByRole('menuitem', { name: 'YAML' }).click();
    await page.getByText(/copied as YAML, without 2 that are secret or not set/).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain("greeting: it's me\n");
    await page.getByLabel('Select greeting').uncheck();
    await page.getByLabel('Select moog_token').uncheck();
    await page.getByRole('button', { name: 'Reset to default' }).click();
    await page.locator(rowOf('moog_rate_limit')).getByText('→100 alerts/s').waitFor();
    await page.getByText('2 changes collected').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(page.troubles).toEqual([]);
  });
});

describe('a new setting', () => {
  it('is checked, reviewed, and then there', async () => {
    const page = await openSettings();
    await page.keyboard.press('n');
    const key = page.getByRole('combobox', { name: 'Key' });
    await key.fill('a key');
    await page.getByLabel('Value').focus();
    await page.getByText('A key is made of').waitFor();
    await key.fill('greeting');
    await page.getByRole('link', { name: 'change it' }).waitFor();
    await key.fill('moog_batch_size');
    await page.keyboard.press('Escape');
    await page.getByText('In one request. It is a whole number from 1 to 1,000.').waitFor();
    await page.getByLabel('Value').fill('5000');
    await page.getByText(/must be at most|at most 1,?000/).waitFor();
    await look(page, 'new-setting');
    await key.fill('fresh');
    await page.getByText('No service declares this key').waitFor();
    await page.getByLabel('Value').fill('<img src=x onerror=alert(1)>');
    await page.getByRole('button', { name: 'Review …' }).click();
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator(rowOf('fresh')).getByText('<img src=x').waitFor();
    await ui.call('DELETE', '/config/fresh');
    expect(page.troubles).toEqual([]);
  });

  it('is nothing that a viewer could begin, nor to change the others', async () => {
    const page = await openSettings({ as: 'victor' });
    await page.keyboard.press('n');
    await page.getByLabel('Select greeting').check();
    await page.getByRole('button', { name: 'Copy as …' }).waitFor();
    expect(await page.getByRole('button', { name: /^(Delete|Change moog|Switch|New setting)/ }).count()).toBe(0);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('is not cramped on a phone', async () => {
    const page = await openSettings({ viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'New setting' }).click();
    await page.getByRole('combobox', { name: 'Key' }).fill('moog_batch_size');
    await page.getByText('It is a whole number').waitFor();
    await screenshot(page, 'new-setting-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
