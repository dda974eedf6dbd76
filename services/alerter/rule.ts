import { RE2JS } from 're2js';
import { z } from 'zod';
import type { Event } from '../pipeline/event.ts';

const handling = z.enum(['page', 'ticket', 'ignore']);
const name = z.string().trim().min(1).max(200);

/** A rule as people write it, in a file or a table. */
const ruleSchema = z.strictObject({
  name,
  match_type: z.enum(['contains', 'regex', 'oid_prefix']),
  match: z.string().min(1).max(1_000),
  priority: z.int().min(0).max(1_000_000),
  prod_handling: handling,
  dev_handling: handling,
  team: name,
});

type Handling = z.infer<typeof handling>;

/** A rule that can be asked. */
export interface Rule {
  readonly name: string;
  /** The lowest wins. */
  readonly priority: number;
  readonly handling: Readonly<Record<'prod' | 'dev', Handling>>;
  readonly team: string;
  matches(event: Pick<Event, 'message' | 'oid'>): boolean;
}

/** @throws Error that says, in the words of who wrote the rule, what is wrong with it. */
export function compileRule(written: unknown): Rule {
  const parsed = ruleSchema.safeParse(written);
  if (!parsed.success) throw new Error(parsed.error.issues.map(problemOf).join('; '));
  const { prod_handling: prod, dev_handling: dev, match_type: type, match, ...rest } = parsed.data;
  return { ...rest, handling: { prod, dev }, matches: matchers[type](match) };
}

const matchers: Record<z.infer<typeof ruleSchema>['match_type'], (match: string) => Rule['matches']> = {
  contains: (part) => (event) => event.message.includes(part),
  regex(pattern) {
    const compiled = compilePattern(pattern);
    return (event) => compiled.test(event.message);
  },
  oid_prefix(prefix) {
    if (!/^\.?\d+(\.\d+)*$/.test(prefix)) throw new Error('match: is no OID, like 1.3.6.1.4.1.9');
    const arcs = withoutFirstDot(prefix);
    return ({ oid }) => oid !== undefined && `${withoutFirstDot(oid)}.`.startsWith(`${arcs}.`);
  },
};

/** RE2 takes time in proportion to the text, whatever the pattern: a rule cannot be made to hang by what somebody sends. */
function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const problem = error instanceof Error ? error.message.replace('error parsing regexp: ', '') : String(error);
    const hint = /perl syntax|escape|named capture/i.test(problem)
      ? ' (patterns are RE2: no lookahead, lookbehind or backreference)'
      : '';
    throw new Error(`match: ${problem}${hint}`, { cause: error });
  }
}

function withoutFirstDot(oid: string): string {
  return oid.startsWith('.') ? oid.slice(1) : oid;
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
