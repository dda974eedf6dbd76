import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const scripts = fileURLToPath(new URL('../scripts/', import.meta.url));

/** A fresh clone as far as the set-up can tell, with an `npm`, a `tsc` and a `vite` that only note that they ran. */
let clone: string;

const NPM = `#!/bin/sh
echo "npm $*" >> "$CLONE/ran"
sleep 0.5
rm -rf "$CLONE/node_modules"
mkdir -p "$CLONE/node_modules/typescript/bin"
cp "$CLONE/tsc" "$CLONE/node_modules/typescript/bin/tsc"
mkdir -p "$CLONE/node_modules/vite/bin"
cp "$CLONE/vite" "$CLONE/node_modules/vite/bin/vite.js"
`;
const TSC = `
const { appendFileSync, mkdirSync } = require('node:fs');
appendFileSync(process.env.CLONE + '/ran', 'tsc\\n');
for (const of of ['packages/a', 'services']) mkdirSync(process.env.CLONE + '/' + of + '/dist', { recursive: true });
`;
const VITE = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync(process.env.CLONE + '/ran', 'vite\\n');
mkdirSync(process.env.CLONE + '/packages/web/dist', { recursive: true });
writeFileSync(process.env.CLONE + '/packages/web/dist/index.html', '');
`;
const BOTH = 'Building (tsc -b) …\nBuilding the web UI (vite) …\n';

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'mutt-setup-'));
  await cp(scripts, join(clone, 'scripts'), { recursive: true });
  await mkdir(join(clone, 'packages', 'a', 'src'), { recursive: true });
  for (const folder of ['src', 'public', 'scripts']) {
    await mkdir(join(clone, 'packages', 'web', folder), { recursive: true });
  }
  await mkdir(join(clone, 'services', 'pipeline'), { recursive: true });
  await mkdir(join(clone, 'bin'));
  const files = {
    'package-lock.json': '{}',
    'tsconfig.base.json': '{}',
    'tsconfig.build.json': '{}',
    'packages/a/tsconfig.build.json': '{}',
    'packages/a/src/index.ts': '',
    'services/tsconfig.build.json': '{}',
    'services/pipeline/index.ts': '',
    'packages/web/index.html': '',
    'packages/web/vite.config.ts': '',
    tsc: TSC,
    vite: VITE,
    'bin/npm': NPM,
    'scripts/set-up.mjs': `import { ensureBuilt, ensureInstalled } from './setup.mjs';\nensureInstalled();\nensureBuilt();\n`,
    ran: '',
  };
  for (const [path, content] of Object.entries(files)) await writeFile(join(clone, path), content);
  await chmod(join(clone, 'bin', 'npm'), 0o755);
});
afterEach(() => rm(clone, { recursive: true, force: true }));

/** What the set-up prints. */
async function setUp(): Promise<string> {
  const child = spawn(process.execPath, [join(clone, 'scripts', 'set-up.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CLONE: clone, PATH: `${join(clone, 'bin')}${delimiter}${process.env['PATH']}` },
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(0);
  return printed;
}

const ran = async (): Promise<string[]> => {
  const lines = await readFile(join(clone, 'ran'), 'utf8');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').slice(0, 2).join(' '));
};

describe.skipIf(process.platform === 'win32')('the set-up', () => {
  it('installs and builds a fresh clone, and then has nothing to do or say', async () => {
    expect(await setUp()).toBe(`Installing packages (npm ci) …\n${BOTH}`);
    expect(await ran()).toEqual(['npm ci', 'tsc', 'vite']);
    expect(await setUp()).toBe('');
    expect(await ran()).toEqual(['npm ci', 'tsc', 'vite']);
  });

  it('builds again when a source is newer, and installs again when the lock file is another one', async () => {
    await setUp();
    const later = new Date(Date.now() + 1_000);
    await utimes(join(clone, 'packages', 'a', 'src', 'index.ts'), later, later);
    expect(await setUp()).toBe('Building (tsc -b) …\n');
    await utimes(join(clone, 'packages', 'web', 'index.html'), later, later);
    expect(await setUp()).toContain('Building the web UI');
    await writeFile(join(clone, 'package-lock.json'), '{ }');
    expect(await setUp()).toContain('Installing packages');
  });

  it('is done once when two are started at once: the second waits, and says for whom', async () => {
    const printed = await Promise.all([setUp(), setUp()]);
    expect(await ran()).toEqual(['npm ci', 'tsc', 'vite']);
    expect(printed.join('')).toMatch(/Waiting for the set-up that process \d+ is doing …\n/);
    expect(printed.join('').match(/Installing/g)).toHaveLength(1);
  });

  it('is not held up by a lock that a killed process left behind', async () => {
    const lock = join(clone, '.mutt-setup-lock');
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'exit');
    await writeFile(lock, `${dead.pid}`);
    expect(await setUp()).toContain('Building');
  });
});
