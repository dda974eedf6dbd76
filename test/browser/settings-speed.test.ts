import { afterAll, beforeAll, expect, it } from 'vitest';
import { seenAfterMs, setMany, typeSearch } from './support/many-settings.ts';
import { UiScenario } from './support/ui-scenario.ts';
import type { UiPage } from './support/ui-scenario.ts';

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await setMany(ui);
  // Sees a hundredth of it.
  await ui.user('fred', 'admin', { key_patterns: ['service_00.limit_0*'] });
});
afterAll(() => ui[Symbol.asyncDispose]());

async function openAs(as: string, count: string): Promise<UiPage> {
  const page = await ui.open('/', { as });
  await page.getByText(count).waitFor();
  return page;
}

it('A search over 10,000 settings is little more work than one over 400, and changes arrive', async () => {
  const [few, many] = [await openAs('fred', '400 settings'), await openAs('alice', '10,000 settings')];
  await typeSearch(few, 'limit_00025');
  const floor = await typeSearch(few, 'limit_00050');
  await typeSearch(many, 'limit_00025');
  const ours = await typeSearch(many, 'limit_00050');
  // 25 times the rows, of which as many are drawn. Hardly any difference was seen.
  expect(ours.workMs / floor.workMs).toBeLessThan(4);
  expect(await seenAfterMs(ui, many, 'seen-live')).toBeGreaterThan(0);
  expect([...few.troubles, ...many.troubles]).toEqual([]);
});
