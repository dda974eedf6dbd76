import { escapeInJson } from './escape-in-json.ts';

export const EXPORT_FORMATS = ['yaml', 'json', 'dotenv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

type Values = ReadonlyMap<string, string>;

const WRITERS: Readonly<Record<ExportFormat, (values: Values) => string | Promise<string>>> = {
  yaml: async (values) => (await import('./yaml-text.ts')).yamlText(values),
  json: (values) => `${escapeInJson(JSON.stringify(Object.fromEntries(values), null, 2))}\n`,
  dotenv: (values) => [...values].map(([key, value]) => `${key}=${quoted(key, value)}\n`).join(''),
};

/**
 * Values by key, as a file that `muttctl import` and the import here read again, exactly.
 *
 * @throws Error with a sentence for people, for what a format cannot hold.
 */
export async function exportText(format: ExportFormat, values: Values): Promise<string> {
  return WRITERS[format](values);
}

const NAME = /^[A-Za-z_][\w.-]*$/;
/** In double quotes. A shell and most readers of such files understand the first four of them, too. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  $: '\\$',
  '`': '\\`',
  '\n': '\\n',
  '\r': '\\r',
};

function quoted(key: string, value: string): string {
  if (!NAME.test(key)) throw cannotHold(key, 'a name there is made of letters, digits, _ . and -');
  if (value.includes('\0')) throw cannotHold(key, 'its value holds a NUL');
  // In single quotes nothing is special.
  if (!/['\r]/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$`\n\r]/g, (special) => ESCAPES[special] ?? special)}"`;
}

function cannotHold(key: string, why: string): Error {
  return new Error(`A dotenv file cannot hold ${key}: ${why}. YAML and JSON hold any key and value.`);
}
