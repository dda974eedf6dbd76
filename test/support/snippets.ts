import { readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

/** The code blocks of a page, in order: `docs/outages.md`, `README.md`. */
export async function snippets(page: string, language: 'ts' | 'sh'): Promise<string[]> {
  const text = await readFile(new URL(page, root), 'utf8');
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((match) => match[1] === language);
  return found.map((match) => match[2] ?? '');
}
