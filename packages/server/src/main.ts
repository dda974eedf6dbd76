#!/usr/bin/env node
import { startServer } from './compose.ts';
import { readOptions } from './options.ts';
import { startScreen } from './start-screen.ts';
import { StartupError } from './startup-error.ts';

try {
  const server = await startServer(readOptions(process.env, process.argv.slice(2)));
  stopOnSignal(() => server.close());
  process.stdout.write(`${startScreen(server)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof StartupError ? error.message : (error as Error).stack}\n`);
  // A database that failed half-way may hold on to the process for ever.
  process.exit(1);
}

/** The first signal ends the server in order, a second one at once. */
function stopOnSignal(close: () => Promise<void>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
