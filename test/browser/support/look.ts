import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../.screenshots/', import.meta.url));
const README_FOLDER = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url));

/** No finding of axe that keeps somebody from using the page. */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    serious.map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0]?.failureSummary} ${nodes[0]?.html}`),
  ).toEqual([]);
}

/**
 * Puts a picture of the page into `.screenshots/`, to look at.
 *
 * @param inReadme also where the README shows it from, when `npm run screenshots` runs.
 */
export async function screenshot(page: Page, name: string, { inReadme = false } = {}): Promise<void> {
  await settled(page);
  const isForReadme = inReadme && process.env['MUTT_README_SCREENSHOTS'] === '1';
  for (const folder of [FOLDER, ...(isForReadme ? [README_FOLDER] : [])]) {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** Nothing is shown half-way. As text, since it runs in the page. */
async function settled(page: Page): Promise<void> {
  const finite = 'document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity)';
  await page.evaluate(`Promise.allSettled(${finite}.map(({ finished }) => finished))`);
}
