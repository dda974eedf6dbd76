import type { SeedMapping, SeedSource, Setting } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';
import { readMappingFile, type Mapping } from './mapping-file.ts';
import { assertIntact } from './read-value.ts';
import { loadSettingsModule } from './settings-module.ts';

/** What names the keys to set up: all that is given counts. */
export interface SeedSourceOptions {
  /** The path of a module. */
  readonly settings?: string;
  /** The path of a mapping. */
  readonly file?: string;
  /** `key=value`; before all else. */
  readonly set?: readonly string[];
}

/**
 * Puts together what a module, a mapping file and the command line say.
 *
 * @throws Failure
 */
export async function readSeedSources(options: SeedSourceOptions): Promise<Mapping> {
  const { settings: path, file, set = [] } = options;
  if (path === undefined && file === undefined && set.length === 0) {
    throw new Failure(
      'usage',
      'Say what to set up: --settings <module>, --file <mapping>, or --set <key=value>, as often as needed.',
    );
  }
  const settings = new Map<string, Setting<unknown>>(path === undefined ? [] : await loadSettingsModule(path));
  const sources = new Map<string, SeedMapping[string]>();
  if (file !== undefined) {
    const { mapping, settings: typed } = await readMappingFile(file);
    for (const [key, source] of Object.entries(mapping)) sources.set(key, source);
    for (const [key, setting] of typed) {
      if (settings.has(key)) throw new Failure('usage', `${file}: ${key} has a type, and ${path} declares it, too.`);
      settings.set(key, setting);
    }
  }
  for (const [key, value] of toPairs(set)) {
    const source = sources.get(key);
    sources.set(key, { ...(typeof source === 'object' ? source : {}), value });
  }
  return { mapping: Object.fromEntries(sources), settings };
}

function toPairs(set: readonly string[]): ReadonlyMap<string, NonNullable<SeedSource['value']>> {
  const pairs = new Map<string, string>();
  for (const pair of set) {
    const [key = '', value] = [
      pair.split('=', 1)[0],
      pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : undefined,
    ];
    if (key === '' || value === undefined)
      throw new Failure('usage', `--set takes key=value, not ${JSON.stringify(pair)}.`);
    if (pairs.has(key)) throw new Failure('usage', `--set names ${key} twice.`);
    assertIntact(key, value);
    pairs.set(key, value);
  }
  return pairs;
}
