import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, screenshot } from './support/look.ts';
import { UiScenario, type UiPage } from './support/ui-scenario.ts';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202Egnirts';

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
    moog_burst: { type: 'integer', rule: { min: 1 }, default: '5', unit: 'alerts' },
    moog_token: { type: 'secret', rule: {}, secret: true, description: 'What opens the webhook' },
    moog_dry_run: { type: 'boolean', rule: {}, default: 'false', description: 'Send nothing, only count' },
    moog_flush_every: { type: 'duration', rule: { min: 1_000 }, default: '30s', requires_restart: true },
    shed_mode: { type: 'oneOf', rule: { words: ['dlq', 'defer'] }, default: 'dlq', deprecated: 'Use shed_to.' },
    told_teams: {
      type: 'list',
      rule: { item: { type: 'oneOf', rule: { words: ['netops', 'sre', 'dba'] } } },
      default: 'netops,sre',
    },
    'rules/default.json': { type: 'json', rule: {}, description: 'Which alerts go where' },
  });
  for (const value of ['250', '400', '120', '300']) await ui.set({ moog_rate_limit: value }, `step to ${value}`);
  await ui.set({ moog_token: 'hunter2', moog_burst: '7', 'rules/default.json': '{"match": ["linkDown"]}' });
  await ui.set({ html: HOSTILE }, HOSTILE);
  await ui.redis.cli('SET', 'mutt:config:moog_dry_run', 'perhaps');
});
afterAll(() => ui[Symbol.asyncDispose]());

const pathOf = (key: string): string => `/setting?key=${encodeURIComponent(key)}`;
const field = (page: UiPage) => page.getByRole('textbox', { name: 'Value' });
async function valueOf(key: string): Promise<string | undefined> {
  const { entries } = await ui.call<{ entries: { value: string }[] }>('GET', `/entries?key=${encodeURIComponent(key)}`);
  return entries[0]?.value;
}

describe('the page of a setting', () => {
  it.each(['light', 'dark'] as const)('tells what it is, holds and held, in %s colours', async (colorScheme) => {
    const page = await ui.open(pathOf('moog_rate_limit'), { colorScheme });
    await page.getByText('a whole number from 1 to 10,000, in alerts/s').waitFor();
    await page.getByText('step to 400').waitFor();
    await page.locator('.u-over').waitFor();
    await page.getByRole('button', { name: 'Compare with now' }).nth(1).click();
    await page.getByText('From then to now:').waitFor();
    await screenshot(page, `setting-${colorScheme}`, { inReadme: colorScheme === 'light' });
    await expectAccessible(page);
    expect(page.troubles).toEqual([]);
  });

  it('can be looked up on a phone', async () => {
    const page = await ui.open(pathOf('moog_rate_limit'), { viewport: { width: 390, height: 844 } });
    await page.locator('.u-over').waitFor();
    await screenshot(page, 'setting-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expectAccessible(page);
  });

  it('by keyboard: found, edited, reviewed, saved; seen at once in a second tab; and undone there', async () => {
    const page = await ui.open('/');
    const other = await ui.open(pathOf('moog_rate_limit'), { as: 'bob' });
    await page.getByRole('link', { name: 'moog_rate_limit' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('rate_limit');
    await page.getByText('1 of ').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await field(page).waitFor();
    await page.keyboard.press('e');
    await page.keyboard.type('450');
    await page.getByText('the server would take this').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog', { name: 'Review the change' }).waitFor();
    await page.getByRole('textbox', { name: 'Reason' }).fill('incident 4711');
    await screenshot(page, 'setting-review');
    await expectAccessible(page);
    await page.keyboard.press('Control+Enter');
    await page.getByText('moog_rate_limit is 450').waitFor();
    await screenshot(page, 'setting-toast');
    await other.getByText('incident 4711').waitFor();
    expect(await field(other).inputValue()).toBe('450');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => field(other).inputValue()).toBe('300');
    expect(await valueOf('moog_rate_limit')).toBe('300');
    expect([...page.troubles, ...other.troubles]).toEqual([]);
  });

  it('says what the server would refuse while one types, and Esc goes back', async () => {
    const page = await ui.open(pathOf('moog_rate_limit'));
    await field(page).fill('20000');
    await page.getByText('must be at most 10000').waitFor();
    await screenshot(page, 'setting-invalid');
    await expectAccessible(page);
    await field(page).press('Escape');
    expect(await field(page).inputValue()).toBe('300');
    await field(page).press('ArrowUp');
    expect(await field(page).inputValue()).toBe('301');
    await page.getByRole('button', { name: 'Revert', exact: true }).click();
    expect(page.troubles).toEqual([]);
  });

  it('says at once that somebody was quicker, with both values, and overwrites nothing unasked', async () => {
    const page = await ui.open(pathOf('moog_burst'));
    await field(page).fill('8');
    await ui.set({ moog_burst: '9' });
    const notice = page.getByText('changed this to 9 while you were editing');
    await notice.waitFor();
    await screenshot(page, 'setting-conflict');
    await expectAccessible(page);
    expect(await page.getByRole('button', { name: 'Review…' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Change it to mine' }).click();
    await page.getByRole('button', { name: 'Review…' }).click();
    await page.getByRole('dialog', { name: 'Review the change' }).waitFor();
    // And once more, while it is being reviewed.
    await ui.set({ moog_burst: '10' });
    await page.getByRole('dialog').getByText('changed this to 10 while you were editing').waitFor();
    await page.getByRole('button', { name: 'Keep theirs' }).click();
    await expect.poll(async () => field(page).inputValue()).toBe('10');
    expect(await valueOf('moog_burst')).toBe('10');
    expect(page.troubles).toEqual([]);
  });

  it('gives the focus back to what opened a review, and to the field once nothing is left to review', async () => {
    const page = await ui.open(pathOf('moog_burst'));
    const focused = async (): Promise<unknown> =>
      page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.textContent');
    await field(page).fill('11');
    const review = page.getByRole('button', { name: 'Review…' });
    await review.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Review…');
    await review.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).press('Enter');
    await expect.poll(focused).toBe('Value');
    expect(await valueOf('moog_burst')).toBe('11');
    expect(page.troubles).toEqual([]);
  });

  it('says in plain words what the server refuses, and keeps what was typed', async () => {
    const page = await ui.open(pathOf('moog_burst'));
    await field(page).fill('12');
    await page.getByRole('button', { name: 'Review…' }).click();
    const dialog = page.getByRole('dialog');
    let answer: object | null = null;
    await page.route('**/api/v1/changes', async (route) => {
      const isDryRun = route.request().postData()?.includes('dry_run') === true;
      await (isDryRun || answer === null ? route.continue() : route.fulfill(answer));
    });
    for (const [status, code, sentence, words] of [
      [409, 'wrong_type', 'moog_burst holds no text.', 'Nothing was changed moog_burst holds no text.'],
      [412, 'revision_conflict', 'conflict', 'Nothing was changed Somebody was quicker.'],
      [413, 'payload_too_large', 'too large', 'Nothing was changed This is too large: a value is at most 1 MiB'],
      [422, 'reason_required', 'reason', 'The server takes no change without a reason.'],
      [504, 'outcome_unknown', 'unknown', 'It is not known whether that was done It may or may not be applied'],
    ] as const) {
      answer = { status, json: { error: sentence, code } };
      await dialog.getByRole('button', { name: 'Apply' }).click();
      await expect.poll(async () => (await dialog.innerText()).replaceAll(/\s+/g, ' ')).toContain(words);
    }
    expect(await field(page).inputValue()).toBe('12');
    answer = null;
    await dialog.getByRole('button', { name: 'Apply' }).click();

    const newer = { error: 'moog_burst was changed since.', code: 'rollback_conflict' };
    await page.route('**/rollback', async (route) => route.fulfill({ status: 409, json: newer }));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('alert').filter({ hasText: 'It was not undone' }).waitFor();
    await screenshot(page, 'setting-not-undone');
    await expectAccessible(page);
    expect(await valueOf('moog_burst')).toBe('12');
    expect(page.troubles).toEqual([]);
  });

  it('goes back to a step of its history, with a reason', async () => {
    const page = await ui.open(pathOf('moog_burst'));
    const step = page.getByRole('listitem').filter({ hasText: 'revision 5' });
    await step.getByRole('button', { name: 'Revert to this' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('it was better');
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page.getByText('Rolled back to revision 5: it was better').waitFor();
    expect(await valueOf('moog_burst')).toBe('7');
    expect(page.troubles).toEqual([]);
  });

  it('shows a viewer the value, why it is not theirs to change, and no secret', async () => {
    const page = await ui.open(pathOf('moog_rate_limit'), { as: 'victor' });
    await page.getByText('You may look, not change: your role is viewer.').waitFor();
    expect(await field(page).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Revert to this' }).count()).toBe(0);
    await screenshot(page, 'setting-viewer');
    await page.goto(ui.url + pathOf('moog_token'));
    await page.getByText('Your role does not let you read secrets.').waitFor();
    expect(page.troubles).toEqual([]);
  });

  it('a secret is written blindly, and shown on demand to those who may', async () => {
    await ui.user('sam', 'admin', { secrets: true });
    const page = await ui.open(pathOf('moog_token'), { as: 'sam' });
    await page.getByRole('button', { name: 'Reveal' }).waitFor();
    expect(await page.content()).not.toContain('hunter2');
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByText('hunter2').waitFor();
    await page.getByText('sam looked at it in clear').waitFor();
    await screenshot(page, 'setting-secret');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByLabel('New value', { exact: true }).fill('hunter3');
    await page.getByRole('button', { name: 'Review…' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await page.getByRole('dialog').textContent()).not.toContain('hunter3');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('moog_token changed').waitFor();
    expect(page.troubles).toEqual([]);
  });

  it('asks before what is typed gets lost, and takes it into the change set', async () => {
    const page = await ui.open(pathOf('moog_flush_every'));
    await field(page).fill('90s');
    await page.getByText('1 minute 30 seconds').waitFor();
    await page.getByRole('link', { name: 'All settings' }).click();
    await page.getByText('Your change is not saved').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Add to change set' }).click();
    await page.getByText('1 change collected, not applied yet').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(page.troubles).toEqual([]);
  });

  it('has an editor for each type, and for keys that no path can hold', async () => {
    const page = await ui.open(pathOf('moog_dry_run'));
    await page.getByRole('switch', { name: 'Value' }).waitFor();
    await page.getByText('neither true nor false: perhaps').waitFor();
    await screenshot(page, 'setting-switch');
    await expectAccessible(page);
    await page.goto(ui.url + pathOf('shed_mode'));
    expect(await page.getByLabel('Value', { exact: true }).inputValue()).toBe('dlq');
    await page.getByText('Use shed_to.').waitFor();
    await screenshot(page, 'setting-choice');
    await page.goto(ui.url + pathOf('..'));
    await page.getByText('Nothing has happened to this key yet.').waitFor();
    await field(page).fill('dots');
    await page.getByText('the server would take this').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Set by alice').waitFor();
    await page.getByText('alice set it').waitFor();
    expect(page.troubles).toEqual([]);
  });

  it('edits a list item by item, by keyboard, and offers what it knows', async () => {
    const page = await ui.open(pathOf('told_teams'));
    await page.getByText('Not set: its default holds').waitFor();
    await page.keyboard.press('e');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('db');
    await page.getByRole('option', { name: 'dba' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('nobody,');
    await page.getByText('has an item that is refused').waitFor();
    await screenshot(page, 'setting-list');
    // Esc closes what is offered, and keeps what was edited.
    await page.keyboard.press('Escape');
    await expectAccessible(page);
    await page.keyboard.press('Backspace');
    await page.getByText('the server would take this').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('told_teams is netops,dba').waitFor();
    expect(await valueOf('told_teams')).toBe('netops,dba');
    expect(page.troubles).toEqual([]);
  });

  it('says where JSON stops being JSON, and sets it out', async () => {
    const page = await ui.open(pathOf('rules/default.json'));
    await field(page).fill('{"match": [}');
    await page.getByText('Line 1, column 12').waitFor();
    await field(page).fill('{"match":["linkUp"]}');
    await page.getByRole('button', { name: 'Format' }).click();
    expect(await field(page).inputValue()).toBe('{\n  "match": [\n    "linkUp"\n  ]\n}');
    await screenshot(page, 'setting-json');
  });

  it('row 32: shows hostile values and reasons as the text that they are', async () => {
    const page = await ui.open(pathOf('html'));
    await page.getByText('<img src=x').first().waitFor();
    expect(await page.title()).toContain('html');
    expect(await page.locator('main img').count()).toBe(0);
    await screenshot(page, 'setting-hostile');
    expect(page.troubles).toEqual([]);
  });

  it('knows which keys there cannot be', async () => {
    const page = await ui.open(pathOf('héllo <b>'));
    await page.getByText('A key is made of').waitFor();
    expect(page.troubles).toEqual([]);
  });
});
