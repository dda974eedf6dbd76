import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';
import type { UiPage } from './support/ui-scenario.ts';

const XSS = '"><img src=x onerror="document.title=`owned`"><script>document.title=`owned`</script>';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    rate: {
      type: 'integer',
      rule: { min: 1, max: 10_000 },
      default: '100',
      unit: 'alerts/s',
      description: 'Alerts per second sent to Moog',
    },
    mode: { type: 'oneOf', rule: { words: ['dlq', 'defer'] }, default: 'dlq', description: 'Where events go' },
    debug: { type: 'boolean', rule: {}, default: 'false' },
    token: { type: 'secret', rule: { minLength: 4 }, secret: true, description: 'What opens the webhook' },
    rules: { type: 'json', rule: {}, json_schema: { type: 'object' } },
  });
  await ui.set({ rate: '250', token: 'hunter2', mode: 'defer', rules: '{"a": [1, 2]}' });
});
afterAll(() => ui[Symbol.asyncDispose]());

const valueOf = async (key: string): Promise<string> =>
  (await ui.call<{ value: string }>('GET', `/config/${key}?reveal=true`)).value;
const valueField = (page: UiPage) => page.getByRole('textbox', { name: 'Value' });
/** Waits until it is what the key holds. */
const shows = (page: UiPage, value: string): Promise<void> =>
  page
    .locator('pre')
    .filter({ hasText: new RegExp(`^${value}$`) })
    .waitFor();
const inReview = (page: UiPage) => page.getByRole('dialog');

async function review(page: UiPage, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Review …' }).click();
  await inReview(page).getByRole('textbox', { name: 'Reason' }).fill(reason);
}

async function apply(page: UiPage): Promise<void> {
  await inReview(page).getByRole('button', { name: 'Apply' }).click();
  await inReview(page).waitFor({ state: 'detached' });
}

describe('a setting', () => {
  it('is changed after a look at the difference, is live in a second tab, and undone from the toast', async () => {
    const page = await ui.open('/');
    const second = await ui.open('/setting?key=rate', { as: 'bob' });
    await page.getByRole('link', { name: 'rate' }).click();
    await page.getByRole('heading', { name: 'rate' }).waitFor();
    await valueField(page).fill('300');
    await review(page, 'incident 4711');
    expect(await inReview(page).locator('mark').allTextContents()).toEqual([]);
    await inReview(page).getByText('250').waitFor();
    await screenshot(page, 'setting-review');
    await expectAccessible(page);
    await apply(page);
    await shows(second, '300');
    await second.getByText('incident 4711').waitFor();
    await screenshot(page, 'setting-light', { inReadme: true });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await shows(second, '250');
    expect(await valueOf('rate')).toBe('250');
    expect([page.troubles, second.troubles]).toEqual([[], []]);
  });

  it('is not overwritten when somebody was quicker: both values are shown, and the choice', async () => {
    const page = await ui.open('/setting?key=rate');
    await valueField(page).fill('400');
    await ui.set({ rate: '350' }, 'quicker');
    await page.getByText('admin changed this to 350 while you were editing').waitFor();
    await screenshot(page, 'setting-conflict');
    await expectAccessible(page);
    expect(await page.getByRole('button', { name: 'Review …' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Change it to mine' }).click();
    await review(page, 'mine');
    await ui.set({ rate: '360' }, 'quicker again');
    await inReview(page).getByText('changed this to 360').waitFor();
    expect(await inReview(page).getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await inReview(page).getByRole('button', { name: 'Keep theirs' }).click();
    await inReview(page).waitFor({ state: 'detached' });
    expect(await valueOf('rate')).toBe('360');
  });

  it('says in the words of the server why a value is refused, as one types', async () => {
    const page = await ui.open('/setting?key=rate', { colorScheme: 'dark' });
    await valueField(page).fill('20000');
    await page.getByText('must be at most 10000').first().waitFor();
    await screenshot(page, 'setting-invalid-dark');
    await expectAccessible(page);
    await review(page, 'too much');
    await inReview(page).getByRole('button', { name: 'Apply' }).click();
    await inReview(page).getByText('Nothing was changed').waitFor();
    expect(await valueOf('rate')).not.toBe('20000');
  });

  it('is changed together with others, as one', async () => {
    const page = await ui.open('/setting?key=mode');
    await page.getByText('dlq', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Add to change set' }).click();
    await page.getByRole('link', { name: 'All settings' }).click();
    await page.getByRole('link', { name: 'debug' }).click();
    await page.getByText('true', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Add to change set' }).click();
    await page.getByText('2 changes collected').waitFor();
    await page.getByRole('button', { name: 'Review and apply' }).click();
    await inReview(page).getByText('Review 2 changes').waitFor();
    await screenshot(page, 'change-set-review');
    await expectAccessible(page);
    await apply(page);
    const { changes } = await ui.call<{ changes: { changes: { key: string }[] }[] }>(
      'GET',
      '/changes?after=0&limit=500',
    );
    expect(
      changes
        .at(-1)
        ?.changes.map(({ key }) => key)
        .toSorted(),
    ).toEqual(['debug', 'mode']);
    expect(await page.getByText('collected').count()).toBe(0);
  });

  it('that is a secret is shown to who asks, and written without being read', async () => {
    const page = await ui.open('/setting?key=token');
    await shows(page, '••••••');
    await screenshot(page, 'setting-secret');
    await page.getByRole('button', { name: 'Reveal' }).click();
    await shows(page, 'hunter2');
    await page.getByRole('textbox', { name: 'New value' }).fill('hunter3');
    await review(page, 'rotated');
    expect(await inReview(page).textContent()).not.toContain('hunter');
    await apply(page);
    await shows(page, '••••••');
    expect(await valueOf('token')).toBe('hunter3');
    expect(page.troubles).toEqual([]);
  });

  it('is only looked at by a viewer', async () => {
    const page = await ui.open('/setting?key=rate', { as: 'victor' });
    await page.getByText('You have the role viewer').waitFor();
    expect(await valueField(page).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Go back to this' }).count()).toBe(0);
  });

  it('shows what was written to hurt as the text that it is', async () => {
    await ui.set({ hostile: XSS }, XSS);
    await ui.set({ hostile: 'tame' }, '\u202egnp.exe');
    const page = await ui.open('/setting?key=hostile');
    await page.getByText(XSS).first().waitFor();
    await screenshot(page, 'setting-hostile');
    await page.getByRole('button', { name: 'Go back to this …' }).first().click();
    await inReview(page).getByText(XSS).waitFor();
    expect(await page.title()).toContain('hostile');
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(page.troubles).toEqual([]);
  });

  it('goes back to what it held, and to its default', async () => {
    await ui.set({ rate: '111' }, 'first');
    await ui.set({ rate: '222' }, 'second');
    const page = await ui.open('/setting?key=rate');
    await page
      .getByRole('listitem')
      .filter({ has: page.getByText('first', { exact: true }) })
      .getByRole('button', { name: 'Go back to this …' })
      .click();
    expect(await inReview(page).getByRole('textbox', { name: 'Reason' }).inputValue()).toMatch(
      /^Back to revision \d+$/,
    );
    await apply(page);
    expect(await valueOf('rate')).toBe('111');
    await page.getByRole('button', { name: 'Reset to default …' }).click();
    await apply(page);
    await page.getByText('The default: nobody has set it.').waitFor();
    await shows(page, '100');
  });

  it('is changed with the keyboard alone', async () => {
    await ui.set({ rate: '10' }, 'before');
    const page = await ui.open('/setting?key=rate');
    await shows(page, '10');
    await page.keyboard.press('e');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('20');
    await page.keyboard.press('Control+Enter');
    await inReview(page).waitFor();
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows(page, '20');
    await page.getByText('by keyboard').waitFor();
  });

  it('can be looked up on a phone', async () => {
    const page = await ui.open('/setting?key=rate', { viewport: { width: 390, height: 844 } });
    await page.getByText('before', { exact: true }).waitFor();
    await screenshot(page, 'setting-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expectAccessible(page);
  });
});
