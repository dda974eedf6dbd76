// What a fresh clone lacks, made once: packages, build, redis-server. Plain JavaScript, since nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './setup-lock.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends the process with one sentence, for people. */
export function fail(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

/** Runs a command with its output shown; ends the process when it fails. */
export function run(command, args, what, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(`${what} failed${error ? ` (${error.message})` : ''}: see above.`);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`This needs Node 20.19 or newer, and this is ${process.versions.node}.`);
}

/** Not in node_modules, which `npm ci` deletes. */
const lock = join(root, '.mutt-setup-lock');

/** Installs the packages when the lock file is not the one that they were installed from. */
export function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.mutt-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isInstalled()) return;
  withLock(lock, () => {
    // Another process may have done it meanwhile.
    if (isInstalled()) return;
    console.log('Installing packages (npm ci) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing the packages');
    writeFileSync(stamp, wanted);
  });
}

/** Compiles when a source is newer than the last build, and builds the web UI when one of its own is. */
export function ensureBuilt() {
  ensureMade(compiled);
  ensureMade(webUi);
}

/** Builds the web UI alone: what its tests need. */
export function ensureWebUiBuilt() {
  ensureMade(webUi);
}

const compiled = {
  stamp: join(root, 'node_modules', '.mutt-built'),
  results: () => [...compiledPackages().map((name) => `packages/${name}/dist`), 'services/dist'],
  sources: () => [
    ...compiledPackages().flatMap((name) => [`packages/${name}/src`, `packages/${name}/tsconfig.build.json`]),
    ...servicesSources(),
    'tsconfig.base.json',
    'tsconfig.build.json',
  ],
  make() {
    console.log('Building (tsc -b) …');
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    run(process.execPath, [tsc, '-b', 'tsconfig.build.json'], 'Building');
    // Makes muttctl start quicker; without it, it runs what was compiled.
    const bundle = join(root, 'packages/muttctl/scripts/bundle.mjs');
    if (existsSync(bundle)) spawnSync(process.execPath, [bundle], { cwd: root, stdio: 'inherit' });
  },
};

const webUi = {
  stamp: join(root, 'node_modules', '.mutt-web-built'),
  results: () => ['packages/web/dist/index.html'],
  sources: () => ['src', 'public', 'scripts', 'index.html', 'vite.config.ts'].map((path) => `packages/web/${path}`),
  make() {
    console.log('Building the web UI (vite) …');
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', '--logLevel', 'warn', 'packages/web'];
    // Whatever the process is for that needs it: a test run calls itself `test`, and would get React's development build.
    run(process.execPath, args, 'Building the web UI', { NODE_ENV: 'production' });
  },
};

function ensureMade(target) {
  if (isMade(target)) return;
  withLock(lock, () => {
    // Another process may have done it meanwhile.
    if (isMade(target)) return;
    const begunAt = new Date();
    target.make();
    writeFileSync(target.stamp, '');
    // What was saved during the build is newer than it.
    utimesSync(target.stamp, begunAt, begunAt);
  });
}

function isMade({ stamp, results, sources }) {
  const madeAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  return (
    results().every((path) => existsSync(join(root, path))) &&
    sources().every((path) => newest(join(root, path)) < madeAt)
  );
}

function compiledPackages() {
  return readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'tsconfig.build.json')),
  );
}

function servicesSources() {
  return readdirSync(join(root, 'services'))
    .filter((name) => !['dist', 'node_modules', 'lua'].includes(name))
    .map((name) => join('services', name));
}

function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
