import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { defineAuditCommands } from './commands/audit/audit-commands.ts';
import { defineConfigCommands } from './commands/config/config-commands.ts';
import { defineContextCommands } from './commands/context/context-commands.ts';
import { defineKeysCommands } from './commands/keys/keys-commands.ts';
import { defineUsersCommands } from './commands/users/users-commands.ts';
import { lazyCommand } from './lazy-command.ts';

const CONNECTION_HELP = `
Which settings, the first of these that is given:
  --url, --context         redis:// or rediss:// directly, or http(s):// of a server, with MUTT_API_KEY; or
                           a place with a name: see muttctl login and muttctl context
  MUTT_CONFIG_URL          as --url
  MUTT_CONTEXT             as --context
  REDIS_URL                redis://, rediss://, redis-sentinel:// or redis-cluster://
  REDIS_HOST               with REDIS_PORT (6379) and REDIS_DB (0)
  the context in use       chosen by muttctl login and muttctl context use
  otherwise                the server on this machine, http://127.0.0.1:8090 (or PORT)

Exit codes: 0 done, 2 wrong usage, 3 not found, 4 unreachable, 5 refused, 6 not healthy (doctor,
audit verify), 7 timed out (wait), 8 cancelled, 9 differs (apply --exit-code), 1 anything else.`;

/** The tree of commands. What a command does is imported when it runs. */
export function createProgram(): Command {
  const program = new Command('muttctl')
    .description('See and change the settings of a running fleet.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command...]', 'show help of a command, such as: muttctl help config set')
    .exitOverride()
    // Errors are printed in one place (run.ts), so that they can be JSON.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', CONNECTION_HELP);
  defineConfigCommands(program.command('config'));
  defineAuditCommands(program.command('audit'));
  defineKeysCommands(program.command('keys'));
  defineUsersCommands(program.command('users'));
  lazyCommand(program, 'login', 'sign in at a server, and keep that under a name', async () => {
    return (await import('./commands/login.ts')).defineLogin;
  });
  lazyCommand(program, 'logout', 'end that again', async () => (await import('./commands/logout.ts')).defineLogout);
  defineContextCommands(program.command('context'));
  lazyCommand(program, 'serve', 'run the server', async () => (await import('./commands/serve.ts')).defineServe);
  lazyCommand(
    program,
    'restore',
    'put back what an emptied Redis lost, from what a server still holds',
    async () => (await import('./commands/restore.ts')).defineRestore,
  );
  lazyCommand(
    program,
    'doctor',
    'look for what keeps a Redis or a server from holding what is promised',
    async () => (await import('./commands/doctor/doctor.ts')).defineDoctor,
  );
  lazyCommand(
    program,
    'completion',
    'print the script that makes a shell complete commands and keys',
    async () => (await import('./commands/completion.ts')).defineCompletion,
  );
  lazyCommand(
    program,
    'complete [words...]',
    'print what may come next in a command line',
    async () => (await import('./commands/complete.ts')).defineComplete,
    { hidden: true },
  );
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
