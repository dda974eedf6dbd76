import { afterAll, beforeAll, expect, it } from 'vitest';
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
