/** Where a text stops being JSON. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR =
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Where, and what was expected there; null for JSON. Browsers differ in what `JSON.parse` tells of it. Without recursion,
 * because people paste anything.
 */
export function jsonProblem(text: string): JsonProblem | null {
  /** What the brackets that are open want next. */
  const open: ('{' | '[')[] = [];
  let at = skip(text, 0);
  let wants: 'value' | 'key' | 'next' = 'value';
  let mayClose = false;
  for (;;) {
    const one = text[at];
    if (wants === 'next') {
      const inner = open.at(-1);
      if (inner === undefined) return at < text.length ? problemAt(text, at, 'the end of the JSON') : null;
      if (one === ',') {
        wants = inner === '{' ? 'key' : 'value';
        mayClose = false;
        at = skip(text, at + 1);
      } else if (one === (inner === '{' ? '}' : ']')) {
        open.pop();
        at = skip(text, at + 1);
      } else return problemAt(text, at, inner === '{' ? 'a comma or }' : 'a comma or ]');
      continue;
    }
    if (mayClose && one === (open.at(-1) === '{' ? '}' : ']')) {
      open.pop();
      wants = 'next';
      at = skip(text, at + 1);
      continue;
    }
    if (wants === 'value' && (one === '{' || one === '[')) {
      open.push(one);
      wants = one === '{' ? 'key' : 'value';
      mayClose = true;
      at = skip(text, at + 1);
      continue;
    }
    const end = scalarEnd(text, at);
    if (wants === 'key') {
      if (one !== '"' || end === null) return problemAt(text, at, 'a name in double quotes');
      const colon = skip(text, end);
      if (text[colon] !== ':') return problemAt(text, colon, 'a colon');
      wants = 'value';
      mayClose = false;
      at = skip(text, colon + 1);
      continue;
    }
    if (end === null) return problemAt(text, at, one === '"' ? 'the end of this text, on one line' : 'a value');
    wants = 'next';
    at = skip(text, end);
  }
}

/** Lines and columns from 1. */
export function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function problemAt(text: string, at: number, expected: string): JsonProblem {
  const found = at >= text.length ? 'the text ends' : `there is ${JSON.stringify(text[at])}`;
  return { ...placeOf(text, at), message: `${expected} is expected, but ${found}` };
}

function skip(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function scalarEnd(text: string, at: number): number | null {
  SCALAR.lastIndex = at;
  return SCALAR.exec(text) === null ? null : SCALAR.lastIndex;
}
