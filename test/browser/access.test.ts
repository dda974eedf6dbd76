import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { PASSWORD, UiScenario, type UiPage } from './support/ui-scenario.ts';

const PHONE = { width: 390, height: 844 };

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.user('root', 'admin');
  await ui.user('bob', 'editor', { key_patterns: ['moog_*', 'alerter_*'], secrets: true });
});
afterAll(() => ui[Symbol.asyncDispose]());

async function choose(page: UiPage, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

describe('users', () => {
  it('are added, limited, disabled and, once their name is typed, deleted', async () => {
    const page = await ui.open('/access');
    await page.getByRole('button', { name: 'Add somebody' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('dora');
    await dialog.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await dialog.getByLabel('Role').selectOption('editor');
    await dialog.getByLabel('Only these keys').fill('moog_*\nno pattern ?');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'a key pattern is 1 to 256 characters' }).waitFor();
    await expectAccessible(page);
    await screenshot(page, 'access-add-user');
    await dialog.getByLabel('Only these keys').fill('moog_*');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const row = page.getByRole('row', { name: 'dora' });
    await row.getByText('moog_*').waitFor();

    await choose(page, 'dora', 'Change the rights');
    await page.getByLabel('Role', { exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('cell', { name: 'viewer' }).waitFor();
    await choose(page, 'dora', 'Disable');
    await row.getByText('disabled').waitFor();
    await screenshot(page, 'access-users-light');

    await choose(page, 'dora', 'Delete');
    const remove = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel('Type dora to confirm').fill('dora');
    await screenshot(page, 'access-delete-user');
    await page.keyboard.press('Escape');
    await expect.poll(async () => page.evaluate('document.activeElement.ariaLabel')).toBe('What to do with dora');
    await choose(page, 'dora', 'Delete');
    await page.getByLabel('Type dora to confirm').fill('dora');
    await remove.click();
    await row.waitFor({ state: 'detached' });
    expect(page.troubles).toEqual([]);
  });

  it('sign in with the password that an admin sets', async () => {
    const page = await ui.open('/access', { colorScheme: 'dark' });
    await choose(page, 'bob', 'Set a password');
    await page.getByRole('textbox', { name: 'New password' }).fill('another password of bob');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('bob has a new password').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'access-users-dark');
    const answer = await fetch(`${ui.server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'bob', password: 'another password of bob' }),
    });
    expect(answer.status).toBe(200);
    expect(page.troubles).toEqual([]);
  });
});

describe('API keys', () => {
  it('are shown once, and revoked after a question', async () => {
    const first = await ui.open('/access');
    await first.getByRole('tab', { name: 'API keys' }).click();
    await expect.poll(() => new URL(first.url()).search).toBe('?part=keys');
    const page = await ui.open(first.url().slice(ui.url.length));
    await page.getByRole('button', { name: 'New API key' }).click();
    await page.getByLabel('Name').fill('forwarder');
    await page.getByLabel('Expires').selectOption('1 year');
    await screenshot(page, 'access-new-key');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByLabel('API key', { exact: true });
    const key = await shown.inputValue();
    expect(key).toMatch(/^mutt_/);
    await page.keyboard.press('Escape');
    await expectAccessible(page);
    await screenshot(page, 'access-key-shown');
    const config = await fetch(`${ui.server.url}/api/v1/config`, { headers: { 'x-api-key': key } });
    expect(config.status).toBe(200);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await shown.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(key);
    await page.getByRole('cell', { name: 'forwarder', exact: true }).waitFor();
    await expectAccessible(page);
    await screenshot(page, 'access-keys-light');
    await page.getByRole('button', { name: 'Revoke forwarder' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('cell', { name: 'forwarder', exact: true }).waitFor({ state: 'detached' });
    const refused = await fetch(`${ui.server.url}/api/v1/config`, { headers: { 'x-api-key': key } });
    expect(refused.status).toBe(401);
    expect(page.troubles).toEqual([]);
  });
});

describe('sessions', () => {
  it('are listed with who, from where and since when, and one can be ended', async () => {
    const other = await ui.open('/access', { as: 'victor' });
    await other.getByRole('heading', { name: 'Your access' }).waitFor();
    const page = await ui.open('/access', { colorScheme: 'dark' });
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('this one').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'access-sessions-dark');
    await page.getByRole('button', { name: 'End the session of victor' }).click();
    await page.getByRole('cell', { name: 'victor', exact: true }).waitFor({ state: 'detached' });
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(page.troubles).toEqual([]);
  });
});

describe('one’s own access', () => {
  it('is who one is and what one may, on a phone, too; and a password that one changes', async () => {
    await ui.user('carol', 'viewer', { key_patterns: ['moog_*'] });
    const page = await ui.open('/access', { as: 'carol', viewport: PHONE });
    await page.getByText('this one').waitFor();
    await page.getByText('Secret settings are masked for you.').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    await expectAccessible(page);
    await screenshot(page, 'access-own-phone');
    await page.getByRole('textbox', { name: 'Your password now' }).fill('not the password');
    await page.getByRole('textbox', { name: 'New password' }).fill('a new password of carol');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Your password now' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Password changed.').waitFor();
    expect(page.troubles).toEqual([]);
  });
});

// Last: it leaves one admin.
describe('the last admin', () => {
  it('stays, and the server says why', async () => {
    await ui.call('PATCH', '/users/root', { disabled: true });
    const { keys } = await ui.call<{ keys: { id: string; name: string }[] }>('GET', '/keys');
    const page = await ui.open('/access', { viewport: PHONE });
    await page.getByRole('tab', { name: 'API keys' }).click();
    expect(keys.map(({ name }) => name)).toEqual(['admin']);
    await page.getByRole('button', { name: 'Revoke admin' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('There are no API keys.').waitFor();
    await page.getByRole('tab', { name: 'Users' }).click();
    await choose(page, 'alice', 'Disable');
    await page.getByRole('alert').filter({ hasText: 'make another admin first' }).waitFor();
    await screenshot(page, 'access-last-admin-phone');
    expect(page.troubles).toEqual([]);
  });
});
