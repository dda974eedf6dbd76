import { cannotHold, type Format } from './format.ts';

const NAME = /^[A-Za-z_][\w.-]*$/;
/** In double quotes; a shell and most readers of such files understand the first four of them, too. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  $: '\\$',
  '`': '\\`',
  '\n': '\\n',
  '\r': '\\r',
};
const UNESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
const LINE =
  /(?:^|\n)[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[^])*)"|([^'"\n][^\n]*)?)[ \t]*(?:#[^\n]*)?\r?(?=\n|$)/y;
const IGNORED = /(?:^|\n)[ \t]*(?:#[^\n]*)?\r?(?=\n|$)/y;

/** `name='value'` lines. In single quotes nothing is special; in double quotes there are escapes. */
export const dotenvFormat: Format = {
  write(values) {
    return [...values].map(([key, value]) => `${key}=${quote(key, value)}\n`).join('');
  },

  read(source) {
    const text = source.startsWith('\ufeff') ? source.slice(1) : source;
    const values = new Map<string, string>();
    for (let at = 0; at < text.length;) {
      IGNORED.lastIndex = LINE.lastIndex = at;
      const match = LINE.exec(text);
      if (match === null) {
        if (IGNORED.exec(text) === null) throw new Error(`has no name=value in line ${lineAt(text, at)}`);
        at = Math.max(IGNORED.lastIndex, at + 1);
        continue;
      }
      const [, key = '', single, double, bare] = match;
      if (values.has(key)) throw new Error(`names ${key} twice, again in line ${lineAt(text, at)}`);
      values.set(key, single ?? (double === undefined ? unquoted(bare) : unescape(double)));
      at = LINE.lastIndex;
    }
    return values;
  },
};

function quote(key: string, value: string): string {
  if (!NAME.test(key)) {
    throw cannotHold(
      'A dotenv file',
      key,
      'a name there is made of letters, digits, _ . and -, and begins with no digit',
    );
  }
  if (value.includes('\0')) throw cannotHold('A dotenv file', key, 'its value holds a NUL');
  if (!/['\r]/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$`\n\r]/g, (special) => ESCAPES[special] ?? special)}"`;
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, (_, escaped: string) => UNESCAPES[escaped] ?? escaped);
}

/** Up to a comment. */
function unquoted(text = ''): string {
  return text.replace(/(?:^|\s)#.*$/, '').trim();
}

function lineAt(text: string, at: number): number {
  const start = text[at] === '\n' ? at + 1 : at;
  return text.slice(0, start).split('\n').length;
}
