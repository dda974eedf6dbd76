import { readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

type Language = 'ts' | 'js' | 'sh' | 'json' | 'conf' | 'haproxy' | 'nginx' | 'ini';

/** The code blocks of a page in one language, in order; of one section (`## …`) when it is named. */
export async function blocksOf(page: string, language: Language, section?: string): Promise<string[]> {
  const whole = await readFile(new URL(page, root), 'utf8');
  const text = section === undefined ? whole : whole.split(/^## /m).find((part) => part.startsWith(section));
  if (text === undefined) throw new Error(`${page} has no section ${section}`);
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((match) => match[1] === language);
  return found.map((match) => match[2] ?? '');
}
