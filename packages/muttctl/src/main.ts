import { endQuietlyOnBrokenPipe } from './output.ts';
import { run } from './run.ts';

endQuietlyOnBrokenPipe();
process.exitCode = await run(process.argv.slice(2));
