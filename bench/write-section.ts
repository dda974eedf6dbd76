import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';

const root = new URL('../', import.meta.url);

/** Puts Markdown between `<!-- name -->` and `<!-- /name -->` of a page, in place of what is there. */
export async function writeSection(page: string, name: string, markdown: string): Promise<void> {
  const file = new URL(page, root);
  const whole = replaceSection(await readFile(file, 'utf8'), name, markdown);
  const { pathname } = file;
  await writeFile(file, await format(whole, { ...(await resolveConfig(pathname)), filepath: pathname }));
}

export function replaceSection(whole: string, name: string, markdown: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no ${begin} … ${end} to write into.`);
  return `${whole.slice(0, from + begin.length)}\n\n${markdown.trim()}\n\n${whole.slice(to)}`;
}
