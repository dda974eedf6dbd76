import { Failure } from '../failure.ts';

/** Values by key. */
export type Values = ReadonlyMap<string, string>;

/** A way to write values down, and to read them again: exactly, or not at all. */
export interface Format {
  /** @throws Failure for what this format cannot hold. */
  readonly write: (values: Values) => string;
  /** @throws Error with the end of a sentence that begins with the name of the file. */
  readonly read: (text: string) => Values;
}

export const FORMAT_NAMES = ['yaml', 'json', 'dotenv'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

const LOADERS: Readonly<Record<FormatName, () => Promise<Format>>> = {
  yaml: async () => (await import('./yaml-format.ts')).yamlFormat,
  json: async () => (await import('./json-format.ts')).jsonFormat,
  dotenv: async () => (await import('./dotenv-format.ts')).dotenvFormat,
};

/** Only the one that is asked for is loaded. */
export function loadFormat(name: FormatName): Promise<Format> {
  return LOADERS[name]();
}

/** The format that the name of a file says; null: none of ours. */
export function formatOf(path: string): FormatName | null {
  if (/\.ya?ml$/i.test(path)) return 'yaml';
  if (/\.json$/i.test(path)) return 'json';
  if (/(^|[/\\])\.env(\.[^/\\]*)?$|\.env$/i.test(path)) return 'dotenv';
  return null;
}

/** What a format has no way to write. */
export function cannotHold(format: string, key: string, why: string): Failure {
  return new Failure(
    'value_invalid',
    `${format} cannot hold ${key}: ${why}. Export as yaml or json, which hold any key and value.`,
  );
}
