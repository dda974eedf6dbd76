import { endOnBrokenOutput } from './output.ts';
import { run, wantsJson } from './run.ts';

const args = process.argv.slice(2);
endOnBrokenOutput(wantsJson(args));
const exitCode = await run(args);
// Not left to what still runs: a settings module may have opened a timer or a connection.
// What could not be written ends it by itself.
process.stdout.write('', (failed) => {
  if (failed == null) process.stderr.write('', () => process.exit(exitCode));
});
