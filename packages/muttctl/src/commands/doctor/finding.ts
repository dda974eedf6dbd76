import type { Finding } from '@mutt/dynamic-config/redis';

// As those of the library, which would bring all of its Redis along.

/** What is so, why it matters, and what to do. */
export interface Found {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

export function fine(check: string, what: string): Finding {
  return { check, severity: 'ok', what, why: null, fix: null };
}

export function unknown(check: string, what: string): Finding {
  return { check, severity: 'unknown', what, why: null, fix: null };
}

export function suspect(check: string, found: Found): Finding {
  return { check, severity: 'warning', ...found };
}

export function wrong(check: string, found: Found): Finding {
  return { check, severity: 'problem', ...found };
}

const SHOWN = 5;

/** Some of many names, and how many more there are. */
export function some(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return count > SHOWN ? `${shown} and ${count - SHOWN} more` : shown;
}

/** `1 value`, `2 values`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function msText(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}
