import { Option, type Command } from 'commander';
import { applyValues, type ApplyOptions } from '../../apply-values.ts';
import { addConnectionOptions, addExamples, addPlanOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredToWrite } from '../../declared.ts';
import { Failure } from '../../failure.ts';
import { FORMAT_NAMES, type FormatName } from '../../formats/format.ts';
import { readWanted } from '../../wanted-values.ts';

interface ApplyCommandOptions extends ApplyOptions {
  readonly filename: readonly string[];
  readonly format?: FormatName;
  readonly exitCode?: boolean;
}

export function defineApply(command: Command): void {
  addPlanOptions(addConnectionOptions(command))
    .requiredOption('-f, --filename <path>', 'a file, a folder of files, or - for stdin; may be repeated', collect)
    .addOption(new Option('--format <format>', 'instead of what the names of files say').choices(FORMAT_NAMES))
    .option('--prune', 'delete what no file names; secrets stay')
    .option('--exit-code', 'end with 9 when there is something to change')
    .option('--reason <text>', 'why; recorded with the change')
    .action(apply);
  addExamples(
    command,
    {
      'muttctl config apply -f settings/ --dry-run': 'what would change',
      "muttctl config apply -f settings/ --prune --reason 'release 42'": 'make it exactly what the files say',
      'muttctl config apply -f settings.yaml --dry-run --exit-code': 'for CI: 0 when all is as wanted, 9 when not',
      'git show HEAD~1:settings.yaml | muttctl config apply -f -': 'from stdin, as YAML',
    },
    'Files are mappings from keys to values (.yaml, .yml, .json, .env). All of it is one change set, or none.',
  );
}

function collect(path: string, paths: readonly string[] = []): readonly string[] {
  return [...paths, path];
}

async function apply(options: ApplyCommandOptions): Promise<void> {
  const wanted = await readWanted(options.filename, options.format);
  const isChanged = await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, options);
    return applyValues(wanted, { config, target, declared }, { ...options, showsDiff: true });
  });
  if (isChanged && options.exitCode) throw new Failure('differs', 'There was something to change.');
}
