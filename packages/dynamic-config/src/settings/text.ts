import { boundsOf } from './bounds.ts';
import { accept, defineSetting, given, refuse } from './setting.ts';
import type { Parsed, Setting, SettingOptions } from './setting.ts';

export interface TextOptions extends SettingOptions<string> {
  /** Fewest characters. */
  readonly minLength?: number;
  /** Most characters. */
  readonly maxLength?: number;
  /** What the whole text must match, from beginning to end. */
  readonly pattern?: RegExp;
}

/** What is shown instead of a secret. */
export const SECRET_MASK = '••••••';

/** Any text. */
export function text(options: TextOptions = {}): Setting<string> {
  return defineSetting({ type: 'text', ...textRule('text', options) }, options);
}

/** Text that is masked wherever it is shown: in logs, errors, the API, the UI, and the audit trail. */
export function secret(options: TextOptions = {}): Setting<string> {
  return defineSetting({ type: 'secret', isSecret: true, ...textRule('secret', options) }, options);
}

function textRule(
  type: string,
  options: TextOptions,
): Pick<Setting<string>, 'parse' | 'format' | 'rule' | 'jsonSchema'> {
  const { pattern } = options;
  const lengths = boundsOf(type, options, ['minLength', 'maxLength']);
  const { minLength, maxLength } = lengths;
  const whole = pattern && new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''));
  const parse = (value: string): Parsed<string> => {
    if (minLength !== undefined && value.length < minLength)
      return refuse(`must have at least ${minLength} characters`);
    if (maxLength !== undefined && value.length > maxLength) return refuse(`must have at most ${maxLength} characters`);
    if (whole !== undefined && !whole.test(value)) return refuse(`must match ${String(pattern)}`);
    return accept(value);
  };
  const rule = { ...lengths, ...given({ pattern: pattern?.source, flags: pattern?.flags }) };
  const jsonSchema = { type: 'string', ...lengths, ...given({ pattern: whole?.source }) };
  return { parse, format: (value) => value, rule, jsonSchema };
}
