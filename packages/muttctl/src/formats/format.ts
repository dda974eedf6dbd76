import { Failure } from '../failure.ts';

/** Values by key. */
export type Values = ReadonlyMap<string, string>;

/** A way to write values down, and to read them again: exactly, or not at all. */
export interface Format {
  /** @throws Failure for what this format cannot hold. */
  write(values: Values): string;
  /** @throws Error with the end of a sentence that begins with the name of the file. */
  read(text: string): Promise<Values> | Values;
}

export const FORMAT_NAMES = ['yaml', 'json', 'dotenv'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Only the one that is asked for is loaded. */
export async function loadFormat(name: FormatName): Promise<Format> {
  switch (name) {
    case 'yaml':
      return (await import('./yaml-format.ts')).yamlFormat;
    case 'json':
      return (await import('./json-format.ts')).jsonFormat;
    case 'dotenv':
      return (await import('./dotenv-format.ts')).dotenvFormat;
  }
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
