import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { PASSWORD, UiScenario } from './support/ui-scenario.ts';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
});
afterAll(() => ui[Symbol.asyncDispose]());

it('the link of the first start lets one choose a password, once, and leads to the settings', async () => {
  const context = await ui.browser.context();
  const page = await ui.openIn(context, ui.signInPath);
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await screenshot(page, 'sign-in-first');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  expect(new URL(page.url()).hash).toBe('');
  expect(page.troubles).toEqual([]);

  const other = await ui.openIn(await ui.browser.context(), ui.signInPath);
  await other.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await other.getByRole('button', { name: 'Set the password' }).click();
  await expect.poll(async () => other.getByRole('alert').textContent()).toMatch(/link/i);
});

it('the page to sign in has no serious finding of axe, light and dark, and says when a password is wrong', async () => {
  await ui.user('bob', 'editor');
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await ui.openIn(await ui.browser.context({ colorScheme }), '/sign-in');
    await page.getByLabel('User name').fill('bob');
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
    await screenshot(page, `sign-in-${colorScheme}`);
    expect(page.troubles).toEqual([]);
  }
});

it('a page that needs somebody leads to the sign-in, and back to where one wanted to go', async () => {
  await ui.user('carol', 'viewer');
  const page = await ui.openIn(await ui.browser.context(), '/audit?key=moog_*');
  await page.getByLabel('User name').fill('carol');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Audit' }).waitFor();
  expect(new URL(page.url()).searchParams.get('key')).toBe('moog_*');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

it('the page to sign in says that Caps Lock is on, how to get a password, and when one may try again', async () => {
  await ui.user('dan', 'viewer');
  const attempts = Array.from({ length: 10 }, async () => {
    const body = JSON.stringify({ username: 'dan', password: 'not the password' });
    return fetch(`${ui.server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  });
  await Promise.all(attempts);
  const page = await ui.openIn(await ui.browser.context(), '/sign-in');
  await page.getByText('npm start -- --sign-in-link').waitFor();
  await page.getByLabel('User name').fill('dan');
  const password = page.getByRole('textbox', { name: 'Password' });
  await password.fill(PASSWORD);
  await password.dispatchEvent('keydown', { key: 'A', modifierCapsLock: true });
  await page.getByText('Caps Lock is on.').waitFor();
  await password.dispatchEvent('keydown', { key: 'CapsLock', modifierCapsLock: false });
  await page.getByText('Caps Lock is on.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByRole('alert')
    .filter({ hasText: /You can try again in \d+ (second|minute)s?\./ })
    .waitFor();
  await expectAccessible(page);
  await screenshot(page, 'sign-in-too-often');
  expect(page.troubles).toEqual([]);
});
