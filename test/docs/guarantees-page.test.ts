import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
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

  it('names tests that exist', async () => {
    const named = [...page.matchAll(/^- `([^`]+\.ts)`: (.+)$/gm)];
    expect(named.length).toBeGreaterThan(2 * PROMISES.length);
    const missing: string[] = [];
    for (const [line, file = '', name = ''] of named) {
      const source = await readFile(new URL(file, root), 'utf8').catch(() => '');
      // As the first argument of a test, in either kind of quotes.
      if (!source.includes(`'${name}'`) && !source.includes(`"${name}"`)) missing.push(line);
    }
    expect(missing).toEqual([]);
  });
});
