import type { Values } from './read-file.ts';

const UNESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
const LINE =
  /(?:^|\n)[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[^])*)"|([^'"\n][^\n]*)?)[ \t]*(?:#[^\n]*)?\r?(?=\n|$)/y;
const IGNORED = /(?:^|\n)[ \t]*(?:#[^\n]*)?\r?(?=\n|$)/y;

/** `name='value'` lines, as `muttctl config export` writes them. In double quotes there are escapes. */
export function readDotenv(text: string): Values {
  const values = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    IGNORED.lastIndex = LINE.lastIndex = at;
    const match = LINE.exec(text);
    if (match === null) {
      if (IGNORED.exec(text) === null) throw new Error(`Line ${lineAt(text, at)}: it has no name=value.`);
      at = Math.max(IGNORED.lastIndex, at + 1);
      continue;
    }
    const [, key = '', single, double, bare] = match;
    if (values.has(key)) throw new Error(`Line ${lineAt(text, at)}: it names ${key} twice.`);
    values.set(key, single ?? (double === undefined ? unquoted(bare) : unescaped(double)));
    at = LINE.lastIndex;
  }
  return values;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([^])/g, (_, escaped: string) => UNESCAPES[escaped] ?? escaped);
}

/** Up to a comment. */
function unquoted(text = ''): string {
  return text.replace(/(?:^|\s)#.*$/, '').trim();
}

function lineAt(text: string, at: number): number {
  const start = text[at] === '\n' ? at + 1 : at;
  return text.slice(0, start).split('\n').length;
}
