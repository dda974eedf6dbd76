import { keyPath } from '../api/key-path.ts';
import { shellQuote, typeScriptQuote } from './shell-quote.ts';

export interface Snippet {
  readonly name: 'muttctl' | 'curl' | 'TypeScript';
  readonly read: string;
  /** null: there is no value to write, or it is a secret. */
  readonly write: string | null;
}

interface Held {
  readonly key: string;
  readonly value: string | null;
  /** Where this page comes from: `https://config.example`. */
  readonly origin: string;
}

const HEADERS = `-H "X-API-Key: $MUTT_API_KEY"`;

/** How to read a setting, and to set it to what it is, from elsewhere. */
export function snippetsOf({ key, value, origin }: Held): readonly Snippet[] {
  return [
    {
      name: 'muttctl',
      read: `muttctl config get ${operands(key)}`,
      // A shell cannot pass a NUL.
      write: value === null || value.includes('\0') ? null : `muttctl config set ${operands(key, value)}`,
    },
    { name: 'curl', ...curl({ key, value, origin }) },
    {
      name: 'TypeScript',
      read: `config.get(${typeScriptQuote(key)})`,
      write: value === null ? null : `await config.set(${typeScriptQuote(key)}, ${typeScriptQuote(value)})`,
    },
  ];
}

function operands(...words: readonly string[]): string {
  const isLikeOption = words.some((word) => word.startsWith('-'));
  return [...(isLikeOption ? ['--'] : []), ...words.map(shellQuote)].join(' ');
}

function curl({ key, value, origin }: Held): Pick<Snippet, 'read' | 'write'> {
  const json = `${HEADERS} -H 'Content-Type: application/json'`;
  const body = (content: unknown): string => `-d ${shellQuote(JSON.stringify(content))}`;
  const path = keyPath(key);
  if (path === null) {
    const url = shellQuote(`${origin}/api/v1/changes`);
    const read = `curl ${HEADERS} ${shellQuote(`${origin}/api/v1/entries?key=${encodeURIComponent(key)}`)}`;
    return { read, write: value === null ? null : `curl ${url} ${json} ${body({ changes: [{ key, value }] })}` };
  }
  const url = shellQuote(`${origin}/api/v1${path}`);
  return {
    read: `curl ${HEADERS} ${url}`,
    write: value === null ? null : `curl -X PUT ${url} ${json} ${body({ value })}`,
  };
}
