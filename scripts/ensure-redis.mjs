// The redis-server and redis-cli that the tests need.
import { spawnSync } from 'node:child_process';
import { fail } from './setup.mjs';

const COMMANDS = ['redis-server', 'redis-cli'];

/** Package managers that install without asking, and how; the first that is there is used. `asRoot`: only root may. */
const MANAGERS = [
  { command: 'brew', install: ['install', '--quiet', 'redis'], asRoot: false },
  {
    command: 'apt-get',
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends', 'redis-server', 'redis-tools'],
    asRoot: true,
  },
  { command: 'dnf', install: ['install', '-y', '-q', 'redis'], asRoot: true },
  { command: 'apk', install: ['add', '--quiet', '--no-progress', 'redis'], asRoot: true },
];

/** Puts Redis on the PATH with the system's package manager, where that is possible without asking. */
export function ensureRedis() {
  if (missing().length === 0) return;
  const manager = MANAGERS.find(({ command }) => has(command));
  const prefix = manager === undefined ? null : prefixFor(manager);
  if (manager !== undefined && prefix !== null) {
    console.log(`Installing Redis (${manager.command}) …`);
    if (!call(prefix, manager, manager.install) && manager.refresh !== undefined) {
      call(prefix, manager, manager.refresh);
      call(prefix, manager, manager.install);
    }
  }
  if (missing().length === 0) return;
  fail(
    `The tests need ${missing().join(' and ')}, which could not be installed from here: install Redis 6 or newer (\`apt install redis-server\`, \`brew install redis\`) and run this again.`,
  );
}

function missing() {
  return COMMANDS.filter((command) => !has(command));
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
