import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from './blocks.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Modules must lie inside the repository to find the packages. */
const scratch = new URL('.scratch/types/', import.meta.url);

beforeAll(() => mkdir(scratch, { recursive: true }));
afterAll(() => rm(scratch, { recursive: true, force: true }));

it('the TypeScript of the README has the right types, as strictly as can be', async () => {
  const sections = ['A service on Redis', "The guide's four steps"];
  for (const [n, section] of sections.entries()) {
    const code = await blocksOf('README.md', 'ts', section);
    expect(code).not.toEqual([]);
    await writeFile(new URL(`snippet${n}.ts`, scratch), code.join('\n'));
  }
  await writeFile(
    new URL('tsconfig.json', scratch),
    JSON.stringify({
      extends: '../../../../tsconfig.json',
      compilerOptions: { rootDir: '../../../..', noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
    }),
  );
  const tsc = ['node_modules/typescript/bin/tsc', '-p', fileURLToPath(scratch)];
  const { stdout } = await run(process.execPath, tsc, { cwd: root }).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});
