import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';
import type { UiPage } from './support/ui-scenario.ts';

const SCRIPT = '<img src=x onerror="document.title=\'owned\'">';
const REVERSED = '\u202Egnp.exe';
const PHONE = { width: 390, height: 844 };

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  await ui.declare({
    moog_api_key: { type: 'secret', secret: true },
    moog_rate_limit: { type: 'integer', rule: { min: 1, max: 10_000 } },
  });
  await ui.set({ moog_rate_limit: '100' }, 'the start');
  await ui.set({ moog_rate_limit: '200', moog_batch_size: '50', moog_api_key: 'hush' }, 'incident 4711');
  await ui.set({ alerter_shed_mode: 'defer', moog_batch_size: '80' }, 'Moog is slow: fewer, larger requests');
  await ui.set({ hostile: SCRIPT + REVERSED, large: 'x'.repeat(1_000_000) }, SCRIPT + REVERSED);
  await ui.redis.cli('SET', 'mutt:config:ingestor_port', '9000');
  await until('the trail has what was written past us', async () => {
    const { records } = await ui.call<{ records: object[] }>('GET', '/audit?source=out-of-band');
    return records.length > 0;
  });
});
afterAll(() => ui[Symbol.asyncDispose]());

const changes = (page: UiPage) => page.getByRole('region', { name: 'Changes' });
const change = (page: UiPage, name: RegExp) => changes(page).getByRole('button', { name });

it('tells all changes in sentences, by change set, and opens each to what it changed', async () => {
  const page = await ui.open('/activity');
  await change(page, /Written directly in Redis, past us: ingestor_port\s+9000/).waitFor();
  await changes(page).getByRole('heading', { name: 'Today' }).waitFor();
  const incident = change(page, /admin changed 1 and added 2 settings.*incident 4711/);
  await incident.click();
  await changes(page).getByRole('link', { name: 'moog_rate_limit' }).waitFor();
  await changes(page).getByText('A secret: what it holds is not shown.').waitFor();
  expect(await changes(page).textContent()).not.toContain('hush');
  await change(page, /admin added 2 settings/).click();
  await changes(page).getByText(`${SCRIPT}⟨U+202E⟩gnp.exe`).first().waitFor();
  expect(await page.title()).toBe('Activity · MUTT configuration');
  await screenshot(page, 'activity-light');
  await expectAccessible(page);
  const dark = await ui.open('/activity', { colorScheme: 'dark' });
  await change(dark, /admin changed 1 and added 2 settings/).click();
  await expectAccessible(dark);
  await screenshot(dark, 'activity-dark');
  const phone = await ui.open('/activity', { viewport: PHONE });
  await change(phone, /admin changed 1 and added 2 settings/).click();
  await screenshot(phone, 'activity-phone');
  for (const one of [page, dark, phone]) expect(one.troubles).toEqual([]);
});

it('shows what is meant to be run as text, from an author, too', async () => {
  const page = await ui.open('/access');
  await page.route('**/api/v1/audit?**', async (route) => {
    const reply = await (await route.fetch()).text();
    await route.fulfill({ contentType: 'application/json', body: reply.replaceAll('"admin"', JSON.stringify(SCRIPT)) });
  });
  await page.getByRole('link', { name: 'Activity' }).click();
  await changes(page).getByText(SCRIPT, { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'Audit' }).click();
  const cells = page.getByRole('region', { name: 'Records' }).getByRole('cell', { name: SCRIPT, exact: true });
  await cells.first().waitFor();
  expect(await page.title()).toBe('Audit · MUTT configuration');
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(page.troubles).toEqual([]);
});

it('undoes a change set after a review, and takes back newer changes only when told to', async () => {
  await ui.set({ undo_a: '1', undo_b: '1' }, 'before');
  await ui.set({ undo_a: '2', undo_b: '2' }, 'a mistake');
  const page = await ui.open('/activity?key=undo_*');
  await change(page, /admin changed 2 settings.*a mistake/).click();
  await changes(page).getByRole('button', { name: 'Undo…' }).click();
  const review = page.getByRole('dialog', { name: /Undo revision/ });
  await review.getByText('undo_b').waitFor();
  await ui.set({ undo_b: '3' }, 'meanwhile');
  await review.getByText(/Changed since by admin/).waitFor();
  await review.getByLabel('Reason').fill('it was wrong');
  await review.getByRole('button', { name: 'Undo', exact: true }).click();
  await review.getByText('Somebody changed it since').waitFor();
  await screenshot(page, 'activity-undo');
  await expectAccessible(page);
  expect(await review.getByRole('alert').textContent()).not.toContain('force');
  await review.getByRole('button', { name: 'Undo all the same' }).click();
  await review.waitFor({ state: 'hidden' });
  await page.getByText(/Revision \d+ is undone/).waitFor();
  await change(page, /alice changed 2 settings.*Rolled back revision \d+: it was wrong/).waitFor();
  const { config } = await ui.call<{ config: object }>('GET', '/config');
  expect(config).toMatchObject({ undo_a: '1', undo_b: '1' });
  expect(page.troubles).toEqual([]);
});

it('lets new changes slide in at the top, and announces them to who reads further down', async () => {
  for (let n = 0; n < 30; n += 1) await ui.set({ live: String(n) }, `step ${n}`);
  const page = await ui.open('/activity?key=live');
  await change(page, /step 29/).waitFor();
  await ui.set({ live: 'at the top' }, 'seen at once');
  await change(page, /seen at once/).waitFor();
  await changes(page).evaluate((element) => void element.scrollTo({ top: 500 }));
  await change(page, /step 29/).waitFor({ state: 'detached' });
  await ui.set({ live: 'further down' }, 'announced');
  const news = page.getByRole('button', { name: '1 new change' });
  await news.waitFor();
  await screenshot(page, 'activity-news');
  expect(await change(page, /announced/).count()).toBe(0);
  await news.click();
  await change(page, /announced/).waitFor();
  expect(await news.count()).toBe(0);
  expect(page.troubles).toEqual([]);
});

it('filters by what is in its address, and says when nothing matches', async () => {
  const page = await ui.open('/activity');
  await page.getByLabel('Key, or a pattern with *').fill('moog_*');
  await change(page, /the start/).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('key'), { timeout: 10_000 }).toBe('moog_*');
  await page.getByRole('combobox', { name: 'What was done' }).click();
  await page.getByRole('option', { name: 'Added' }).click();
  await change(page, /Moog is slow/).waitFor({ state: 'detached' });
  const link = page.url();

  const other = await ui.open(link.slice(ui.url.length), { as: 'victor' });
  await change(other, /admin added 2 settings.*incident 4711/).click();
  await other.getByText('Only what matches the filters is shown').waitFor();
  expect(await other.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
  await other.getByPlaceholder('Search').fill('nowhere');
  await other.getByText('No record matches these filters.').waitFor();
  await screenshot(other, 'activity-empty');
  await expectAccessible(other);
  await other.getByRole('button', { name: 'Clear the filters' }).click();
  await changes(other).getByRole('button').first().waitFor();
  expect(new URL(other.url()).search).toBe('');
  expect([...page.troubles, ...other.troubles]).toEqual([]);
});

it('tells who read which secret, and nothing else when asked for that', async () => {
  await ui.call('GET', '/config/moog_api_key?reveal=true');
  const page = await ui.open('/activity');
  await page.getByRole('combobox', { name: 'What was done' }).click();
  await page.getByRole('option', { name: 'Secret read' }).click();
  await change(page, /incident 4711/).waitFor({ state: 'detached' });
  await change(page, /admin read the secret moog_api_key/).click();
  await page.getByText('Its value was read.').waitFor();
  expect(page.troubles).toEqual([]);
});

it('keeps few lines in the page, however large a change set is', async () => {
  await ui.set(Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`many_${n}`, String(n)])), 'a migration');
  const page = await ui.open('/activity?key=many_*');
  const migration = change(page, /admin added 1,000 settings/);
  await migration.waitFor();
  await migration.focus();
  await page.keyboard.press('Enter');
  const lines = changes(page).getByRole('listitem');
  await changes(page).evaluate((element) => void element.scrollTo({ top: element.scrollHeight / 2 }));
  await expect.poll(async () => lines.last().textContent(), { timeout: 10_000 }).toMatch(/many_[3-7]\d\d/);
  expect(await lines.count()).toBeLessThan(60);
  expect(page.troubles).toEqual([]);
});

it('says what could not be loaded, and tries again', async () => {
  const page = await ui.open('/access');
  let isFailing = true;
  await page.route('**/api/v1/audit?**', (route) =>
    isFailing
      ? route.fulfill({ status: 400, json: { error: 'The trail is not there.', code: 'x', correlation_id: 'c-1' } })
      : route.continue(),
  );
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByText('The trail is not there.').waitFor();
  await screenshot(page, 'activity-failed');
  const again = page.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  isFailing = false;
  // A change by somebody, or time, is another reason to look again: then there is no button any more.
  await again.click({ timeout: 2_000 }).catch(() => {});
  await changes(page).getByRole('button').first().waitFor();
});
