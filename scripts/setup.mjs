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
export function run(command, args, what) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
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

/** Compiles when a source is newer than the last build. */
export function ensureBuilt() {
  if (isBuilt()) return;
  withLock(lock, () => {
    if (!isBuilt()) build();
  });
}

function build() {
  console.log('Building (tsc -b) …');
  const begunAt = new Date();
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json'],
    'Building',
  );
  // Makes muttctl start quicker; without it, it runs what was compiled.
  const bundle = join(root, 'packages/muttctl/scripts/bundle.mjs');
  if (existsSync(bundle)) spawnSync(process.execPath, [bundle], { cwd: root, stdio: 'inherit' });
  writeFileSync(buildStamp, '');
  // What was saved during the build is newer than it.
  utimesSync(buildStamp, begunAt, begunAt);
}

const buildStamp = join(root, 'node_modules', '.mutt-built');

function isBuilt() {
  const builtAt = existsSync(buildStamp) ? statSync(buildStamp).mtimeMs : 0;
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const hasAll = packages.every(({ name }) => existsSync(join(root, 'packages', name, 'dist')));
  const sources = [
    ...packages.flatMap(({ name }) => [`packages/${name}/src`, `packages/${name}/tsconfig.build.json`]),
    'tsconfig.base.json',
    'tsconfig.build.json',
  ];
  return hasAll && sources.every((path) => newest(join(root, path)) < builtAt);
}

function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
