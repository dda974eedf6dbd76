import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { referencePage } from './reference.ts';

it('docs/muttctl.md says what the commands are: run node packages/muttctl/scripts/reference.mjs', async () => {
  const path = fileURLToPath(new URL('../../../docs/muttctl.md', import.meta.url));
  const options = await resolveConfig(path);
  const page = await format(await referencePage(), { ...options, parser: 'markdown' });
  expect(await readFile(path, 'utf8')).toBe(page);
});
