import type { Command } from 'commander';
import { addExamples } from '../connection-options.ts';
import { Failure } from '../failure.ts';

/** Not a dependency: whoever only uses muttctl need not install a server. */
const SERVER = '@mutt/server/main';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly newApiKey?: boolean;
  readonly signInLink?: boolean;
}

export function defineServe(command: Command): void {
  command
    .option('--port <n>', 'where it listens (PORT; default 8090)')
    .option('--host <address>', 'on which address (HOST; default 127.0.0.1)')
    .option('--data-dir <folder>', 'where it keeps its database (MUTT_DATA_DIR; default .mutt)')
    .option('--new-api-key', 'replace the admin key by a new one')
    .option('--sign-in-link', 'print a new link to sign in with, once')
    .action(serve);
  addExamples(
    command,
    {
      'muttctl serve': 'everything in one folder, .mutt',
      'REDIS_URL=redis://localhost:6379 muttctl serve --port 9000': 'settings in a Redis',
      'muttctl serve --sign-in-link': 'when all passwords are lost',
    },
    'What npm start runs, with the same variables of the environment. Ctrl-C or SIGTERM ends it in order.',
  );
}

async function serve({ port, host, dataDir, newApiKey, signInLink }: ServeOptions): Promise<void> {
  const variables = { PORT: port, HOST: host, MUTT_DATA_DIR: dataDir };
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
  const flags = [...(newApiKey ? ['--new-api-key'] : []), ...(signInLink ? ['--sign-in-link'] : [])];
  process.argv.splice(2, process.argv.length, ...flags);
  try {
    await import(SERVER);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new Failure('usage', 'The server is not installed here. Install it with: npm install @mutt/server', {
      cause,
    });
  }
  // It ends the process itself, when it is told to.
  await new Promise(() => {});
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(SERVER.slice(0, SERVER.lastIndexOf('/')))
  );
}
