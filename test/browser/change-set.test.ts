import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { PASSWORD, UiScenario } from './support/ui-scenario.ts';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    rate: { type: 'integer', rule: { min: 1, max: 10_000 }, default: '100' },
    burst: { type: 'integer', rule: { min: 1 }, default: '5' },
  });
  await ui.set({ rate: '250', burst: '7', stays: 'as it is', goes: 'away' });
});
afterAll(() => ui[Symbol.asyncDispose]());

async function values(): Promise<Record<string, string>> {
  return (await ui.call<{ config: Record<string, string> }>('GET', '/config')).config;
}

describe('a change set', () => {
  it('is collected on several pages, reviewed as a whole, applied as one, and undone as one', async () => {
    const page = await ui.open('/setting?key=rate');
    await page.getByRole('textbox', { name: 'Value' }).fill('300');
    await page.getByRole('button', { name: 'Add to change set' }).click();
    await page.getByText('1 change collected').waitFor();
    await page.getByRole('link', { name: 'All settings' }).click();
    await page.getByRole('link', { name: 'burst' }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('9');
    await page.getByRole('button', { name: 'Add to change set' }).click();
    await page.getByRole('button', { name: 'Review and apply' }).click();
    await page.getByRole('dialog', { name: 'Review 2 changes, applied as one' }).waitFor();
    await page.getByRole('textbox', { name: 'Reason' }).fill('both of them');
    await screenshot(page, 'change-set-review');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('2 settings changed').waitFor();
    expect(await values()).toMatchObject({ rate: '300', burst: '9' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(values).toMatchObject({ rate: '250', burst: '7' });
    expect(page.troubles).toEqual([]);
  });

  it('of which the answer was lost is applied once, however often it is sent', async () => {
    const page = await ui.open('/setting?key=stays');
    await page.getByRole('textbox', { name: 'Value' }).fill('applied once');
    await page.getByRole('button', { name: 'Review…' }).click();
    let isLost = false;
    await page.route('**/api/v1/changes', async (route) => {
      const isCheck = (route.request().postDataJSON() as { dry_run?: boolean }).dry_run === true;
      if (isCheck || isLost) return route.continue();
      isLost = true;
      await route.fetch();
      return route.abort();
    });
    const apply = page.getByRole('dialog').getByRole('button', { name: 'Apply' });
    await apply.click();
    await page.getByText('It is not known whether that was done').waitFor();
    // One's own change has arrived by now; nobody was quicker.
    await page.getByText('Set by alice').waitFor({ state: 'attached' });
    await apply.click();
    await page.getByText('stays is applied once').waitFor();
    await expect
      .poll(async () => (await ui.call<{ records: unknown[] }>('GET', '/config/stays/history')).records.length)
      .toBe(2);
    await ui.set({ stays: 'as it is' });
    expect(page.troubles).toEqual([]);
  });

  it('has what was typed when a session ended, for who typed it and for nobody else', async () => {
    const page = await ui.open('/setting?key=stays', { as: 'dora' });
    const signIn = async (name: string): Promise<void> => {
      await page.getByLabel('User name').fill(name);
      await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await page.getByRole('textbox', { name: 'Value' }).fill('typed by dora');
    await page.getByText('the server would take this').waitFor();
    await ui.call('PATCH', '/users/dora', { disabled: true });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await ui.call('PATCH', '/users/dora', { disabled: false });
    await signIn('dora');
    await page.getByText('1 change collected').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await ui.user('emil', 'editor');
    await signIn('emil');
    await page
      .getByRole('heading', { name: 'stays' })
      .or(page.getByRole('heading', { name: 'Settings' }))
      .waitFor();
    expect(await page.getByText('1 change collected').count()).toBe(0);
    expect(page.troubles).toEqual([]);
  });

  it('comes from a file: what differs, and what the file does not have only if asked', async () => {
    const page = await ui.open('/');
    await page.getByRole('button', { name: 'Import…' }).click();
    const choose = async (name: string, text: string): Promise<void> => {
      await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    };
    await choose('prod.yaml', 'rate: 400\nburst: [1]\n');
    await page.getByText('Line 2: it holds something nested for burst').waitFor();
    await choose('prod.yaml', "rate: 20000\nburst: 7\nstays: as it is\nfresh: '1'\n");
    await page.getByText('2 settings would be set, 1 of them new; 2 are as in the file.').waitFor();
    await page.getByLabel('Also delete what the file does not have: 1 setting').check();
    await screenshot(page, 'import');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Add 3 changes to the change set' }).click();
    await page.getByRole('button', { name: 'Review and apply' }).click();
    const dialog = page.getByRole('dialog', { name: 'Review 3 changes' });
    // The server is asked before anything is applied; its refusal stands at the key.
    await dialog.getByRole('region', { name: 'rate' }).getByText('must be at most 10000').waitFor();
    await screenshot(page, 'import-refused');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Leave out rate' }).click();
    await page.getByRole('dialog', { name: 'Review 2 changes' }).waitFor();
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('2 settings changed').waitFor();
    const { fresh, goes, rate } = await values();
    expect({ fresh, goes, rate }).toEqual({ fresh: '1', goes: undefined, rate: '250' });
    expect(page.troubles).toEqual([]);
  });

  it('of many changes is shown in parts, in the dark, too', async () => {
    const page = await ui.open('/', { colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Import…' }).click();
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`many.${n}`, `<b>${n}</b>`]));
    const file = { name: 'many.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(many)) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Add 60 changes to the change set' }).click();
    await page.getByRole('button', { name: 'Review and apply' }).click();
    await page.getByRole('button', { name: 'Show 10 more of 60' }).click();
    await page.getByRole('region', { name: 'many.59', exact: true }).waitFor();
    await screenshot(page, 'change-set-dark');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('60 settings changed').waitFor();
    expect(page.troubles).toEqual([]);
  });
});
