// What the tests run against: servers, each test its own, of Redis and PostgreSQL; and a browser.
import { spawnSync } from 'node:child_process';
import { chromiumCommand } from './chromium-command.mjs';
import { postgresCommand } from './postgres-command.mjs';
import { fail } from './setup.mjs';

const SERVERS = [
  {
    name: 'Redis',
    missing: () => ['redis-server', 'redis-cli'].filter((command) => !has(command)),
    packages: { brew: ['redis'], 'apt-get': ['redis-server', 'redis-tools'], dnf: ['redis'], apk: ['redis'] },
    advice: 'install Redis 6 or newer (`apt install redis-server`, `brew install redis`)',
  },
  {
    name: 'PostgreSQL',
    missing: () => ['initdb', 'postgres'].filter((command) => postgresCommand(command) === null),
    packages: {
      brew: ['postgresql@17'],
      'apt-get': ['postgresql'],
      dnf: ['postgresql-server', 'postgresql'],
      apk: ['postgresql'],
    },
    advice: 'install PostgreSQL 13 or newer (`apt install postgresql`, `brew install postgresql@17`)',
  },
  {
    name: 'Chromium',
    missing: () => (chromiumCommand() === null ? ['chromium'] : []),
    packages: { brew: ['--cask', 'chromium'], 'apt-get': ['chromium'], dnf: ['chromium'], apk: ['chromium'] },
    advice: 'install Chromium or Chrome (`apt install chromium`), or name one in MUTT_CHROMIUM,',
  },
];

/** Package managers that install without asking, and how; the first that is there is used. `asRoot`: only root may. */
const MANAGERS = [
  { command: 'brew', install: ['install', '--quiet'], asRoot: false },
  {
    command: 'apt-get',
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends'],
    asRoot: true,
  },
  { command: 'dnf', install: ['install', '-y', '-q'], asRoot: true },
  { command: 'apk', install: ['add', '--quiet', '--no-progress'], asRoot: true },
];

/** Installs what is missing with the system's package manager, where that is possible without asking. */
export function ensureServers() {
  for (const server of SERVERS) ensure(server);
}

/** Of them, a Redis alone. */
export function ensureRedis() {
  for (const server of SERVERS) if (server.name === 'Redis') ensure(server);
}

function ensure({ name, missing, packages, advice }) {
  if (missing().length === 0) return;
  const manager = MANAGERS.find(({ command }) => has(command));
  const prefix = manager === undefined ? null : prefixFor(manager);
  if (manager !== undefined && prefix !== null) {
    console.log(`Installing ${name} (${manager.command}) …`);
    const install = [...manager.install, ...packages[manager.command]];
    if (!call(prefix, manager, install) && manager.refresh !== undefined) {
      call(prefix, manager, manager.refresh);
      call(prefix, manager, install);
    }
  }
  if (missing().length === 0) return;
  fail(
    `The tests need ${missing().join(' and ')}, which could not be installed from here: ${advice} and run this again.`,
  );
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** What comes before the manager's command; null when it may not be used without a password. */
function prefixFor({ asRoot }) {
  if (!asRoot || process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

function call(prefix, { command }, args) {
  const [first, ...rest] = [...prefix, command, ...args];
  const { status } = spawnSync(first, rest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' },
  });
  return status === 0;
}
