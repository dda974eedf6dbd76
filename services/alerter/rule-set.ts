import { z } from 'zod';
import { compileHosts } from './dev-hosts.ts';
import type { HostMatcher } from './dev-hosts.ts';
import { compileRule } from './rule.ts';
import type { Rule } from './rule.ts';

/** All rules of one load. */
export interface RuleSet {
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
  readonly isDevHost: HostMatcher;
  /** What is not used, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

const documentSchema = z.strictObject({
  dev_hosts: z.array(z.unknown()).default([]),
  rules: z.array(z.unknown()),
});

/**
 * What was read from a file or a database as rules. One that is bad is refused, by name: the others work.
 *
 * @throws Error when it is nothing of the kind.
 */
export function toRuleSet(document: unknown): RuleSet {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const { path = [], message } = parsed.error.issues[0] ?? {};
    throw new Error(`These are no rules: ${path.join('.') || 'the whole'}: ${message}`);
  }
  const refused: { name: string; reason: string }[] = [];
  const refuse = (what: string, reason: unknown): void =>
    void refused.push({ name: what, reason: reason instanceof Error ? reason.message : String(reason) });

  const byName = new Map<string, Rule>();
  for (const [index, written] of parsed.data.rules.entries()) {
    try {
      const rule = compileRule(written);
      if (byName.has(rule.name)) throw new Error('another rule before it has the same name');
      byName.set(rule.name, rule);
    } catch (error) {
      refuse(nameOf(written) ?? `rule ${index + 1}`, error);
    }
  }
  return {
    // Of those with the same priority, the one that was written first.
    rules: [...byName.values()].toSorted((one, other) => one.priority - other.priority),
    isDevHost: compileHosts(parsed.data.dev_hosts, refuse),
    refused,
  };
}

function nameOf(written: unknown): string | undefined {
  const named = z.object({ name: z.string().min(1) }).safeParse(written);
  return named.success ? named.data.name : undefined;
}
