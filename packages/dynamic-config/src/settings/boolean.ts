import { accept, defineSetting, refuse } from './setting.ts';
import type { Parsed, Setting, SettingOptions } from './setting.ts';

const MEANINGS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  on: true,
  off: false,
  1: true,
  0: false,
};

/** A switch. Understands what people type: true/false, 1/0, yes/no, on/off, in any case. Stored as `true` or `false`. */
export function boolean(options: SettingOptions<boolean> = {}): Setting<boolean> {
  const parse = (text: string): Parsed<boolean> => {
    const word = text.trim().toLowerCase();
    return Object.hasOwn(MEANINGS, word)
      ? accept(MEANINGS[word] ?? false)
      : refuse('must be true or false (or 1/0, yes/no, on/off)');
  };
  return defineSetting({ type: 'boolean', rule: {}, jsonSchema: { type: 'boolean' }, parse, format: String }, options);
}
