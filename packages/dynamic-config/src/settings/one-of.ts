import { accept, defineSetting, refuse } from './setting.ts';
import type { Parsed, Setting, SettingOptions } from './setting.ts';

/**
 * One of a few words.
 *
 * @example
 * oneOf(['dlq', 'defer'], { default: 'dlq' })
 */
export function oneOf<const W extends readonly [string, ...string[]]>(
  words: W,
  options: SettingOptions<W[number]> = {},
): Setting<W[number]> {
  const areWords = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
  if (!areWords) throw new TypeError('A oneOf needs words: texts, at least one.');
  const parse = (text: string): Parsed<W[number]> => {
    const found = words.find((word) => word === text) ?? words.find((word) => word === text.trim());
    return found === undefined ? refuse(`must be one of ${words.join(', ')}`) : accept(found);
  };
  return defineSetting(
    { type: 'oneOf', rule: { words }, jsonSchema: { enum: words }, parse, format: (word) => word },
    options,
  );
}
