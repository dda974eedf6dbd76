import { boundsOf } from './bounds.ts';
import { matchesWhole } from './rule-checks.ts';
import type { PatternCheck } from './rule-checks.ts';
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
  return textOf('text', options, matchesWhole);
}

/** Text that is masked wherever it is shown: in logs, errors, the API, the UI, and the audit trail. */
export function secret(options: TextOptions = {}): Setting<string> {
  return textOf('secret', options, matchesWhole);
}

/** @param matches how its pattern is applied. */
export function textOf(type: 'text' | 'secret', options: TextOptions, matches: PatternCheck): Setting<string> {
  const { pattern } = options;
  const lengths = boundsOf(type, options, ['minLength', 'maxLength']);
  const { minLength, maxLength } = lengths;
  const isMatch = pattern && matches(pattern);
  const parse = (value: string): Parsed<string> => {
    if (minLength !== undefined && value.length < minLength)
      return refuse(`must have at least ${minLength} characters`);
    if (maxLength !== undefined && value.length > maxLength) return refuse(`must have at most ${maxLength} characters`);
    if (isMatch !== undefined && !isMatch(value)) return refuse(`must match ${String(pattern)}`);
    return accept(value);
  };
  const rule = { ...lengths, ...given({ pattern: pattern?.source, flags: pattern?.flags }) };
  const jsonSchema = { type: 'string', ...lengths, ...given({ pattern: pattern && schemaPattern(pattern) }) };
  return defineSetting(
    { type, isSecret: type === 'secret', rule, jsonSchema, parse, format: (value) => value },
    options,
  );
}

/** undefined: JSON Schema has no flags, and would refuse what these let pass. */
function schemaPattern({ source, flags }: RegExp): string | undefined {
  return /[is]/.test(flags) ? undefined : `^(?:${source})$`;
}
