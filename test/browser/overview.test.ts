import { DynamicConfig } from '@mutt/dynamic-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';

let ui: UiScenario;
let service: DynamicConfig;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    rate: { type: 'integer', rule: { min: 1 }, default: '100' },
    batch: { type: 'integer', rule: {}, default: '5' },
  });
  await ui.set({ rate: '250', greeting: 'hello' }, 'incident 4711');
  service = await DynamicConfig.connect(ui.redis.url, { service: { name: 'moog-forwarder', version: '2.5.0' } });
});
afterAll(async () => {
  await service.close();
  await ui[Symbol.asyncDispose]();
});

describe('the overview', () => {
  it('says that all is well, who is connected, and what changed last', async () => {
    const page = await ui.open('/overview');
    await page.getByText('All is well').waitFor();
    await page.getByRole('cell', { name: 'moog-forwarder' }).waitFor();
    await page.getByText('incident 4711').first().waitFor();
    await page.getByText('2 changes, at most 2 in an hour.').waitFor();
    await screenshot(page, 'overview-light', { inReadme: true });
    await expectAccessible(page);
    expect(page.troubles).toEqual([]);
  });

  it('says what is wrong as soon as it is, and leads to it', async () => {
    const page = await ui.open('/overview', { colorScheme: 'dark' });
    await page.getByText('All is well').waitFor();
    await ui.redis.cli('SET', 'mutt:config:rate', 'many');
    await page.getByText('1 value is refused by the declared settings').waitFor();
    await page.getByText('1 change of the last 24 hours went to the store directly').waitFor();
    await screenshot(page, 'overview-problems-dark');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Show them' }).click();
    await page.waitForURL('**/?show=invalid');
    expect(page.troubles).toEqual([]);
  });

  it('shows marks that turn text around by their numbers, and the beginning of a long reason', async () => {
    await ui.set({ motto: 'safe\u202Egnp.exe\u001B[2J' }, `\u202Eesrever ${'and so on '.repeat(100)}`);
    const page = await ui.open('/overview', { viewport: { width: 390, height: 844 } });
    await page.getByText('safe⟨U+202E⟩gnp.exe⟨U+001B⟩[2J').waitFor();
    const reason = page.getByText('⟨U+202E⟩esrever and so on');
    await reason.waitFor();
    expect((await reason.locator('xpath=..').boundingBox())?.height).toBeLessThan(50);
    await screenshot(page, 'overview-hostile-phone');
    expect(await page.evaluate('document.body.innerText')).not.toMatch(/\u202E/);
    expect(page.troubles).toEqual([]);
  });

  it('puts back what an emptied store lost, when an admin says so twice', async () => {
    await ui.redis.cli('FLUSHALL');
    const page = await ui.open('/overview', { viewport: { width: 390, height: 844 } });
    await page.getByText('The store came back empty').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'overview-emptied-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    // Nobody wonders on another page why nothing can be saved.
    await page.goto(`${ui.url}/`);
    await page.getByRole('alert').getByText('The store came back empty').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'settings-emptied-phone');
    await page.getByRole('link', { name: 'What to do' }).click();
    await page.getByRole('button', { name: 'Put them back …' }).click();
    await page.getByRole('button', { name: 'for the whole fleet' }).click();
    await page.getByText('The store came back empty').waitFor({ state: 'detached' });
    expect(await ui.redis.cli('GET', 'mutt:config:greeting')).toBe('hello');
  });
});
