import { Option, type Command } from 'commander';
import { applyValues, type ApplyOptions } from '../../apply-values.ts';
import { addConnectionOptions, addExamples, addPlanOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredToWrite } from '../../declared.ts';
import { FORMAT_NAMES, type FormatName } from '../../formats/format.ts';
import { readWanted } from '../../wanted-values.ts';

interface ImportOptions extends ApplyOptions {
  readonly format?: FormatName;
}

export function defineImport(command: Command): void {
  addPlanOptions(addConnectionOptions(command))
    .addOption(
      new Option('--format <format>', 'default: what the name of the file says; of stdin, yaml').choices(FORMAT_NAMES),
    )
    .option('--in-parts', 'as several change sets, where there is more than one can hold (1,000 keys, 8 MiB)')
    .option('--reason <text>', 'why; recorded with the change')
    .action(importValues);
  addExamples(command, {
    'muttctl config import backup.yaml --dry-run': 'what would change',
    "muttctl config import backup.yaml --reason 'back to last week'": 'set what the file holds; other keys stay',
    'muttctl config import --format dotenv < .env': 'from stdin',
    'muttctl config export --url redis://a | muttctl config import --url redis://b': 'from one place to another',
  });
}

async function importValues(file: string | undefined, options: ImportOptions): Promise<void> {
  const wanted = await readWanted([file ?? '-'], options.format);
  await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, options);
    await applyValues(wanted, { config, target, declared }, options);
  });
}
