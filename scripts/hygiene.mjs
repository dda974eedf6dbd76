// npm run hygiene: are the packages what they say they are, and is nothing left over?
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './setup.mjs';

run('npx', ['--no-install', 'knip'], 'knip');
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'package.json'))) continue;
  run('npx', ['--no-install', 'publint', '--strict', folder], `publint of ${name}`);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if ('.' in exports)
    run(
      'npx',
      ['--no-install', 'attw', '--pack', folder, '--profile', 'esm-only', '--format', 'table-flipped'],
      `attw of ${name}`,
    );
}
