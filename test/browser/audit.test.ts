import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario } from './support/ui-scenario.ts';

const SCRIPT = '<img src=x onerror="document.title=\'owned\'">';
const PHONE = { width: 390, height: 844 };

let ui: UiScenario;
beforeAll(async () => {
  ui = await UiScenario.start();
  for (let n = 1; n <= 5; n += 1) {
    const values = Array.from({ length: 1_000 }, (_, key) => [`service_${key}/limit`, String(key * n)]);
    await ui.set(Object.fromEntries(values), `round ${n}`);
  }
  await ui.set({ hostile: SCRIPT }, SCRIPT);
  await ui.set({ moog_rate_limit: '200' }, 'incident 4711');
});
afterAll(() => ui[Symbol.asyncDispose]());

const records = (page: Page) => page.getByRole('region', { name: 'Records' });
const row = (page: Page, id: number) => records(page).getByRole('button', { name: `Open record ${id}`, exact: true });
const proof = (page: Page) => page.getByRole('region', { name: 'Proof' });

it('goes through thousands of records with few rows in the page, and never stops moving', async () => {
  const page = await ui.open('/audit');
  await row(page, 5_002).waitFor();
  const table = records(page);
  for (const id of [4_000, 2_000, 1]) {
    await expect
      .poll(
        async () => {
          await table.evaluate((element, to) => element.scrollTo({ top: (5_002 - to) * 33 }), id);
          return row(page, id).count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    expect(await table.getByRole('row').count()).toBeLessThan(60);
  }
  await page.getByText('That is all.').waitFor();
  // Far above what it takes, since the machine may be busy with other tests: only what goes through all records takes longer.
  expect(await page.evaluate(MEDIAN_FRAME_MS)).toBeLessThan(250);
  expect(page.troubles).toEqual([]);
});

it('row 32: opens a record with all that it says, hostile or not, by mouse, by keyboard and by its address', async () => {
  const page = await ui.open('/audit');
  await row(page, 5_002).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Record 5001' });
  await panel.getByText(SCRIPT).first().waitFor();
  expect(await page.title()).toBe('Audit · MUTT configuration');
  await screenshot(page, 'audit-record');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  await records(page).getByText('incident 4711').click();
  await page
    .getByRole('dialog', { name: 'Record 5002' })
    .getByText(/^[0-9a-f]{64}$/)
    .first()
    .waitFor();
  expect(new URL(page.url()).searchParams.get('record')).toBe('5002');

  const other = await ui.open('/audit?record=7');
  const opened = other.getByRole('dialog', { name: 'Record 7' });
  await opened.getByText('round 1').waitFor();
  await other.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await opened.getByRole('button', { name: 'Copy as JSON' }).click();
  await other.getByText('The record is on the clipboard, as JSON.').waitFor();
  const copied = JSON.parse(await other.evaluate<string>('navigator.clipboard.readText()')) as object;
  expect(copied).toMatchObject({ id: 7, operation: 'CREATE', reason: 'round 1' });
  await other.goto(`${ui.url}/audit?record=70000`);
  await other.getByText(/There is no record 70000/).waitFor();
  expect([...page.troubles, ...other.troubles]).toEqual([]);
});

it('proves the trail, against a head that was kept, too', async () => {
  const page = await ui.open('/audit', { as: 'victor' });
  await row(page, 5_002).waitFor();
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await proof(page)
    .getByText(/5,002 records since \d+ \w+ \d{4}, none altered, no gap\./)
    .waitFor();
  await proof(page)
    .getByText(/Hash of the last record: [0-9a-f]{64}/)
    .waitFor();
  await screenshot(page, 'audit-light', { inReadme: true });
  await expectAccessible(page);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download a signed head' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^audit-head-\d{4}-\d{2}-\d{2}\.json$/);
  const head = await readFile(await file.path(), 'utf8');
  const choose = async (text: string): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Verify against a head…' }).click();
    const json = { name: 'head.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await (await chooser).setFiles(json);
  };
  await choose(head);
  await proof(page)
    .getByText(/The trail still has what it had on .*: up to record 5002\./)
    .waitFor();
  await choose(JSON.stringify({ ...(JSON.parse(head) as object), hash: '0'.repeat(64) }));
  await proof(page)
    .getByText(/The head was not signed by this trail/)
    .waitFor();
  await choose('{"not": "a head"}');
  await proof(page)
    .getByText(/head.json is not a signed head/)
    .waitFor();
  expect(page.troubles).toEqual([]);
});

it('shows in red what was altered, and what to do', async () => {
  const found = {
    ok: false,
    records: 41,
    gaps: 0,
    first_id: 1,
    first_changed_at: '2026-06-01T00:00:00.000Z',
    last_id: 41,
    hash: 'a'.repeat(64),
    anchor: { id: 0, hash: '' },
    problem: { id: 42, message: 'Record 42 was altered: its hash is not that of what it says.' },
  };
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await ui.open('/audit', { colorScheme });
    await page.route('**/api/v1/audit/verify', (route) => route.fulfill({ json: found }));
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await proof(page)
      .getByRole('alert')
      .getByText(/Record 42 was altered/)
      .waitFor();
    await row(page, 5_002).waitFor();
    await screenshot(page, `audit-altered-${colorScheme}`);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Open record 42', exact: true }).click();
    await page.getByRole('dialog', { name: 'Record 42' }).getByText('service_41/limit').first().waitFor();
    expect(page.troubles).toEqual([]);
  }
});

it('gives what the filters leave as a file', async () => {
  const page = await ui.open('/audit?text=incident', { viewport: PHONE });
  await row(page, 5_002).waitFor();
  await screenshot(page, 'audit-phone');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /As JSON lines/ }).waitFor();
  await expectAccessible(page);
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /As CSV/ }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('audit.csv');
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('incident 4711');
  expect(page.troubles).toEqual([]);
});

/** Scrolls for a while, a part of the view a frame; how long a frame takes. As text, since it runs in the page. */
const MEDIAN_FRAME_MS = `(async () => {
  const element = document.querySelector('section[aria-label=Records]');
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const frames = [];
  let before = await nextFrame();
  for (let n = 0; n < 40; n += 1) {
    element.scrollBy({ top: -200 });
    const now = await nextFrame();
    frames.push(now - before);
    before = now;
  }
  return frames.sort((a, b) => a - b)[frames.length / 2];
})()`;
