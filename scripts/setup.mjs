// What a fresh clone lacks, made once: packages, build, redis-server. Plain JavaScript, since nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Installs the packages when the lock file is not the one that they were installed from. */
export function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.mutt-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing the packages');
  writeFileSync(stamp, wanted);
}

/** Compiles when a source is newer than the last build. */
export function ensureBuilt() {
  const stamp = join(root, 'node_modules', '.mutt-built');
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const isBuilt = packages.every(({ name }) => existsSync(join(root, 'packages', name, 'dist')));
  const sources = [
    ...packages.flatMap(({ name }) => [`packages/${name}/src`, `packages/${name}/tsconfig.build.json`]),
    'tsconfig.base.json',
    'tsconfig.build.json',
  ];
  if (isBuilt && sources.every((path) => newest(join(root, path)) < builtAt)) return;
  console.log('Building (tsc -b) …');
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json'],
    'Building',
  );
  writeFileSync(stamp, '');
}

function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Puts a command on the PATH with the system's package manager, where that is possible without asking. */
export function ensureCommand(command, debianPackage, otherwise) {
  if (has(command)) return;
  const apt = aptGet();
  if (apt !== null) {
    console.log(`Installing ${debianPackage} (apt-get) …`);
    const quiet = {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    const install = () =>
      spawnSync(apt[0], [...apt.slice(1), 'install', '-y', '-qq', '--no-install-recommends', debianPackage], quiet);
    if (install().status !== 0) {
      spawnSync(apt[0], [...apt.slice(1), 'update', '-qq'], quiet);
      install();
    }
  }
  if (!has(command)) fail(`The tests need ${command}, and it could not be installed from here: ${otherwise}`);
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** apt-get as it can be run without a password; null where it can't. */
function aptGet() {
  if (!has('apt-get')) return null;
  if (process.getuid?.() === 0) return ['apt-get'];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n', 'apt-get'] : null;
}
