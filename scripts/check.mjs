// npm run check: all that CI runs. `--no-tests` leaves out the tests.
import { ensureInstalled, requireNode, run } from './setup.mjs';

requireNode();
ensureInstalled();

const steps = ['format:check', 'lint', 'types', 'hygiene', 'test'];
for (const step of steps) {
  if (step === 'test' && process.argv.includes('--no-tests')) continue;
  run('npm', ['run', '--silent', step], `npm run ${step}`);
}
