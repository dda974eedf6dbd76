import type { DeclaredSetting } from '../api/replies.ts';
import { shortened } from '../ui/shortened.ts';
import { itemsOf } from './list-text.ts';
import { bytesWords, durationWords, parseBytes, parseDuration } from './quantity.ts';

const MOST_SHOWN_ITEMS = 20;
const MOST_OF_ITEM = 40;

/** What a value means beyond its text: `90s` is `1 minute 30 seconds`. null: what stands there, or nothing. */
export function meaningOf(value: string, { type, rule }: Pick<DeclaredSetting, 'type' | 'rule'>): string | null {
  if (type === 'duration') {
    const ms = parseDuration(value, rule['bareUnit']);
    return ms === null ? null : durationWords(ms);
  }
  if (type === 'bytes') {
    const bytes = parseBytes(value, rule['bareUnit']);
    return bytes === null ? null : bytesWords(bytes);
  }
  if (type === 'list') return listWords(itemsOf(value));
  if (type === 'integer' && /^-?\d{5,16}$/.test(value)) return BigInt(value).toLocaleString('en');
  return null;
}

function listWords(items: readonly string[] | null): string | null {
  if (items === null) return null;
  if (items.length === 0) return 'no items';
  const shown = items.slice(0, MOST_SHOWN_ITEMS).map((one) => shortened(one, MOST_OF_ITEM));
  const rest = items.length > MOST_SHOWN_ITEMS ? ' · …' : '';
  return `${items.length} item${items.length === 1 ? '' : 's'}: ${shown.join(' · ')}${rest}`;
}
