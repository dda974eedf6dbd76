import type { DeclaredSetting } from '../api/replies.ts';

/** With what a value is edited. */
export type EditorKind = 'switch' | 'number' | 'choice' | 'line' | 'json' | 'text' | 'secret';

const KINDS: Readonly<Record<string, EditorKind>> = {
  boolean: 'switch',
  integer: 'number',
  number: 'number',
  oneOf: 'choice',
  duration: 'line',
  bytes: 'line',
  list: 'text',
  json: 'json',
  secret: 'secret',
};

/** @param isMasked its value is not shown, whoever declares it or not. */
export function kindOf(setting: DeclaredSetting | null, value: string | null, isMasked: boolean): EditorKind {
  if (isMasked || setting?.secret === true) return 'secret';
  const kind = KINDS[setting?.type ?? ''];
  if (kind !== undefined) return kind;
  return value !== null && /^\s*[[{]/.test(value) ? 'json' : 'text';
}

/** Booleans as the library reads them; what is not set is off. */
export function isOn(value: string): boolean {
  return /^\s*(true|yes|on|1)\s*$/i.test(value);
}

export function isOff(value: string): boolean {
  return /^\s*(false|no|off|0|)\s*$/i.test(value);
}
