import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';

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
    moog_batch_size: {
      type: 'integer',
      rule: { min: 1, max: 1_000 },
      default: '50',
      description: 'Alerts in one request',
    },
    moog_token: { type: 'secret', rule: {}, secret: true, description: 'What opens the webhook' },
    moog_dry_run: { type: 'boolean', rule: {}, default: 'false', description: 'Send nothing, only count' },
    moog_flush_every: { type: 'duration', rule: { min: 1_000 }, default: '30s', description: 'The longest wait' },
  });
  await ui.declare(
    {
      alerter_shed_mode: {
        type: 'oneOf',
        rule: { words: ['dlq', 'defer'] },
        default: 'dlq',
        description: 'Where events go above the threshold',
      },
      alerter_queue_warn_threshold: { type: 'integer', rule: { min: 1 }, default: '1000', unit: 'events' },
      alerter_queue_shed_threshold: { type: 'integer', rule: { min: 1 }, default: '2000', unit: 'events' },
      cache_reload_interval: {
        type: 'integer',
        rule: { min: 1 },
        default: '300',
        unit: 's',
        description: 'How often rules are read again',
      },
    },
    'alerter',
  );
  await ui.set({
    moog_rate_limit: '250',
    moog_token: 'hunter2',
    cache_reload_interval: '600',
    greeting: 'hello, world',
  });
  await ui.set({ moog_dry_run: 'true', alerter_queue_warn_threshold: '1500' }, 'incident 4711');
  await ui.set({
    html: '<img src=x onerror="document.title=1">',
    'rules/default.json': '{"match": ["linkDown"], "team": "net"}',
  });
  await ui.redis.cli('SET', 'mutt:config:moog_batch_size', 'many');
});
afterAll(() => ui[Symbol.asyncDispose]());

const rowOf = (key: string): string => `[role=row]:has(a:text-is("${key}"))`;

describe('the settings', () => {
  it.each(['light', 'dark'] as const)('are readable by everybody, in %s colours', async (colorScheme) => {
    const page = await ui.open('/', { colorScheme });
    await page.getByRole('link', { name: 'greeting' }).waitFor();
    await page.locator(rowOf('moog_batch_size')).getByText('invalid').waitFor();
    expect(await page.locator(rowOf('moog_token')).textContent()).toContain('••••••');
    expect(await page.locator(rowOf('html')).textContent()).toContain('<img src=x');
    await screenshot(page, `settings-${colorScheme}`, { inReadme: colorScheme === 'light' });
    await expectAccessible(page);
    expect(page.troubles).toEqual([]);
  });

  it('can be looked up on a phone', async () => {
    const page = await ui.open('/', { viewport: { width: 390, height: 844 } });
    await page.getByRole('link', { name: 'greeting' }).waitFor();
    await screenshot(page, 'settings-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expectAccessible(page);
  });

  it('light up when anybody changes them, also one that was not there', async () => {
    const page = await ui.open('/');
    await page.getByRole('link', { name: 'greeting' }).waitFor();
    await ui.redis.cli('SET', 'mutt:config:greeting', 'hello, redis-cli');
    await page
      .locator(`${rowOf('greeting')}[data-lit]`)
      .getByText('hello, redis-cli')
      .waitFor();
    await ui.set({ new_one: '1' });
    await page.locator(`${rowOf('new_one')}[data-lit]`).waitFor();
    await ui.call('DELETE', '/config/new_one');
    await page.locator(rowOf('new_one')).waitFor({ state: 'detached' });
    expect(page.troubles).toEqual([]);
  });

  it('are found as one types, and opened by keyboard alone', async () => {
    const page = await ui.open('/');
    await page.getByRole('link', { name: 'greeting' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('alerts second');
    await page.getByText('1 of ').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('alerts second');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/setting?key=moog_rate_limit');
    await page.goBack();
    await page.getByText('1 of ').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'greeting' }).waitFor();
  });

  it('are filtered by what is wrong with them, and by service', async () => {
    const page = await ui.open('/?show=invalid');
    await page.locator(rowOf('moog_batch_size')).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByText(/^Undeclared/).click();
    await page.locator(rowOf('greeting')).waitFor();
    await page.getByText(/^Undeclared/).click();
    await page.getByLabel('Declared by service').selectOption('alerter');
    await page.locator(rowOf('alerter_shed_mode')).waitFor();
    expect(await page.locator(rowOf('greeting')).count()).toBe(0);
  });

  it('close by group, and sort by who changed them last', async () => {
    const page = await ui.open('/');
    await page.getByRole('row', { name: /^moog/ }).first().click();
    await page.locator(rowOf('moog_token')).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'When' }).click();
    await page.locator(rowOf('moog_token')).waitFor();
    expect(await page.getByRole('columnheader', { name: 'When' }).getAttribute('aria-sort')).toBe('descending');
  });
});
