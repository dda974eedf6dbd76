import { endOnBrokenOutput } from './output.ts';
import { run, wantsJson } from './run.ts';

const args = process.argv.slice(2);
endOnBrokenOutput(wantsJson(args));
process.exitCode = await run(args);
