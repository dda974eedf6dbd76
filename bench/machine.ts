import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** When and on what something was measured: no name of a machine, but what its figures depend on. */
export function measuredOn(commands: readonly string[]): string {
  const day = new Date().toISOString().slice(0, 10);
  const model = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'an unknown processor';
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const versions = [`Node ${process.versions.node}`, ...commands.flatMap(versionOf)];
  return `${day}, ${cpus().length} cores of ${/^[AEIOU]/.test(model) ? 'an' : 'a'} ${model}, ${memory} of memory; ${versions.join(', ')}`;
}

/** What a command says of itself; nothing where it is not installed. */
function versionOf(command: string): string[] {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const version = /v?=?(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
  return version === undefined ? [] : [`${command} ${version}`];
}
