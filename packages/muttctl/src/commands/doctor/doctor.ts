import type { Finding, Severity } from '@mutt/dynamic-config/redis';
import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { Failure } from '../../failure.ts';
import { colours, printJson, printLine } from '../../output.ts';
import { chooseTarget, type Target } from '../../target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface DoctorOptions extends ConnectionOptions {
  readonly strict?: boolean;
}

const MARKS: Readonly<Record<Severity, string>> = { ok: '✓', unknown: '?', warning: '!', problem: '✗' };

const PROSE = `Changes no setting. On Redis it writes, where it may, a key of its own beside the settings (P@probe:…), to see
how soon that is seen, and deletes it; through a server it writes nothing.`;

export function defineDoctor(command: Command): void {
  addConnectionOptions(command).option('--strict', 'warnings are failures, too').action(doctor);
  addExamples(
    command,
    {
      'muttctl doctor --url redis://localhost:6379': 'is this Redis fit for it, and the namespace in order?',
      'muttctl doctor --url http://127.0.0.1:8090': 'is the server well, and what it keeps?',
      'muttctl doctor --strict --quiet': 'in a pipeline: only what is wrong, and exit code 6 then',
    },
    PROSE,
  );
}

async function doctor(options: DoctorOptions): Promise<void> {
  const target = await chooseTarget(options, process.env);
  const findings = await examine(target);
  const isBad = ({ severity }: Finding): boolean =>
    severity === 'problem' || (options.strict === true && severity === 'warning');
  const bad = findings.filter(isBad).length;
  if (options.json) printJson({ healthy: bad === 0, findings });
  else print(findings, options);
  if (bad > 0)
    throw new Failure('unhealthy', bad === 1 ? '1 finding needs attention.' : `${bad} findings need attention.`);
}

async function examine(target: Target): Promise<readonly Finding[]> {
  if (target.kind === 'server') {
    const { examineServer } = await import('./examine-server.ts');
    return examineServer(target);
  }
  const { examineRedis } = await import('@mutt/dynamic-config/redis');
  return examineRedis(target.url, { prefix: target.prefix });
}

function print(findings: readonly Finding[], { quiet = false }: DoctorOptions): void {
  const colour = colours(process.stdout);
  const paint = { ok: colour.green, unknown: colour.dim, warning: colour.yellow, problem: colour.red };
  for (const { check, severity, what, why, fix } of findings) {
    if (quiet && (severity === 'ok' || severity === 'unknown')) continue;
    printLine(`${paint[severity](MARKS[severity])} ${colour.bold(check)}  ${escapeUnsafe(what)}`);
    if (why !== null) printLine(`    ${escapeUnsafe(why)}`);
    if (fix !== null) printLine(`    ${colour.cyan('→')} ${escapeUnsafe(fix)}`);
  }
}
