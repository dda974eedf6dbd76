import type { DeclaredSetting } from '../api/replies.ts';
import { legible } from '../ui/legible.ts';
import { itemsOf } from './list-text.ts';

/** With what a value is edited. */
export type EditorKind = 'switch' | 'number' | 'choice' | 'line' | 'list' | 'json' | 'text' | 'secret';

const KINDS: Readonly<Record<string, EditorKind>> = {
  boolean: 'switch',
  integer: 'number',
  number: 'number',
  oneOf: 'choice',
  duration: 'line',
  bytes: 'line',
  json: 'json',
  secret: 'secret',
};

/** @param isMasked its value is not shown, whoever declares it or not. */
export function kindOf(setting: DeclaredSetting | null, value: string | null, isMasked: boolean): EditorKind {
  if (isMasked || setting?.secret === true) return 'secret';
  if (setting?.type === 'list') return isByItem(value ?? setting.default ?? '') ? 'list' : 'text';
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

const MOST_ITEMS = 200;
const LONGEST_ITEM = 100;

/** Lists of few short items are edited item by item; nothing in them may look like what it is not. */
function isByItem(value: string): boolean {
  const items = itemsOf(value);
  if (items === null || items.length > MOST_ITEMS) return false;
  return items.every((item) => item !== '' && item.length <= LONGEST_ITEM && legible(item) === item);
}
