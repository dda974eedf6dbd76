/** Values by key. */
export type Values = ReadonlyMap<string, string>;

export type FileFormat = 'yaml' | 'json' | 'dotenv';

/** What the API takes in one change set, with room for how a file writes it. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** The format that the name of a file says, or how it begins. */
export function formatOf(name: string, text: string): FileFormat {
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  if (/\.json$/i.test(name)) return 'json';
  if (/^\.env(\.|$)|\.env$/i.test(name)) return 'dotenv';
  if (/^\s*\{/.test(text)) return 'json';
  return /^\s*(?:#[^\n]*\n\s*)*(?:export\s+)?[A-Za-z_][\w.-]*\s*=/.test(text) ? 'dotenv' : 'yaml';
}

/**
 * Values out of a file in a format of `muttctl config export`. What reads YAML is loaded when there is some.
 *
 * @throws Error with a sentence that names the line.
 */
export async function readFile(name: string, source: string): Promise<Values> {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const reader = READERS[formatOf(name, text)];
  return (await reader())(text);
}

const READERS: Readonly<Record<FileFormat, () => Promise<(text: string) => Values>>> = {
  yaml: async () => (await import('./read-yaml.ts')).readYaml,
  json: async () => (await import('./read-json.ts')).readJson,
  dotenv: async () => (await import('./read-dotenv.ts')).readDotenv,
};
