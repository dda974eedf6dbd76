import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
/** What every store is held to, and a file of tests that holds one to it. */
const CONTRACT = 'packages/dynamic-config/src/testing/describe-config-store.ts';
const CONTRACT_RUN_BY = 'packages/dynamic-config/src/redis/redis-store.test.ts';
const PROMISES = [
  'Reads',
  'Truth',
  'Atomicity',
  'Freshness',
  'Fail-static',
  'Writes',
  'Callbacks',
  'Validity',
  'Audit',
  'Peers',
];

let page: string;
beforeAll(async () => {
  page = await readFile(new URL('docs/guarantees.md', root), 'utf8');
});

describe('the page about guarantees', () => {
  it('has each promise, in its own words, with its limits and its tests', () => {
    const sections = page.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n', 1)[0])).toEqual(PROMISES);
    for (const section of sections) {
      expect(section).toMatch(/^[\w-]+\n\n> .*\n\n\*\*Not promised\*\*\n\n- .*\n\n\*\*Tests\*\*\n\n- `/s);
    }
  });

  it('names tests that exist, and that run', async () => {
    const named = [...page.matchAll(/^- `([^`]+\.ts)`: (.+)$/gm)];
    expect(named.length).toBeGreaterThan(2 * PROMISES.length);
    const missing: string[] = [];
    for (const [line, file = '', name = ''] of named) {
      const source = await readFile(new URL(file, root), 'utf8').catch(() => '');
      // As the first argument of a test, in either kind of quotes.
      const at = Math.max(source.indexOf(`'${name}'`), source.indexOf(`"${name}"`));
      const isSkipped = /\.(skip|todo|fails)\(\s*$/.test(source.slice(0, at));
      const runs = file.endsWith('.test.ts') || file === CONTRACT;
      if (at < 0 || isSkipped || !runs) missing.push(line);
    }
    expect(missing).toEqual([]);
    expect(await readFile(new URL(CONTRACT_RUN_BY, root), 'utf8')).toMatch(/^describeConfigStore\(/m);
    expect(page).toContain(CONTRACT_RUN_BY);
  });
});
