// Writes docs/muttctl.md from the commands as they are.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const code = `
  import { writeFileSync } from 'node:fs';
  import { referencePage } from './packages/muttctl/src/reference.ts';
  writeFileSync('docs/muttctl.md', await referencePage());`;
const tsx = ['--conditions=@mutt/source', '--import', 'tsx', '--input-type=module', '-e', code];
const written = spawnSync(process.execPath, tsx, { cwd: root, stdio: 'inherit' });
const formatted = spawnSync('npx', ['--no-install', 'prettier', '--write', 'docs/muttctl.md'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = written.status || formatted.status;
