import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { makeDataDir } from './data-dir.ts';
import { freePort } from './free-port.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The server as `npm start` runs it, in a process of its own, with a data folder of its own unless one is named: see `makeDataDir`. */
export interface ServerProcess {
  readonly url: string;
  /** The admin API key as it was printed, or '' when it wasn't. */
  readonly apiKey: string;
  /** All that it printed so far. */
  readonly output: () => string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Ends it and deletes the folder that was made for it. */
  stop(): Promise<void>;
}

export async function startServerProcess(
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const port = env['PORT'] ?? String(await freePort());
  const folder = env['MUTT_DATA_DIR'] === undefined ? await makeDataDir('mutt-data-') : null;
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Whatever `env` leaves out, the folder of whoever runs the tests is not touched.
    env: { ...process.env, ...env, PORT: port, ...(folder !== null && { MUTT_DATA_DIR: folder }) },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => {
    process.off('exit', killAtExit);
    return code ?? null;
  });
  const url = `http://127.0.0.1:${port}`;
  const ended = exited.then(() => {
    throw new Error(`The server ended: ${output}`);
  });
  // It listens before it has printed its API key.
  const isShown = (): boolean => output.includes('Ctrl-C stops it');
  const ready = until('the server is ready', async () => isShown() && (await fetch(`${url}/readyz`)).ok, 60_000);
  await Promise.race([ready, ended]);
  ended.catch(() => {});
  const kill = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return {
    url,
    apiKey: /mutt_[\w-]{43,}/.exec(output)?.[0] ?? '',
    output: () => output,
    kill,
    async stop() {
      await kill('SIGKILL');
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    },
  };
}
