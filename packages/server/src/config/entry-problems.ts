import type { ConfigView, SettingsRegistry } from '@mutt/dynamic-config';

interface Examined {
  readonly value: string;
  readonly problem: string | null;
}

/** What is wrong with what the keys hold: looked for once in each value, and anew when other settings are declared. */
export class EntryProblems {
  #view: ConfigView | null = null;
  #registry: SettingsRegistry | null = null;
  #examined: ReadonlyMap<string, Examined> = new Map();
  #problems: ReadonlyMap<string, string> = new Map();

  /** The keys whose values their declared settings refuse, each with why, as a sentence. */
  of(view: ConfigView, registry: SettingsRegistry): ReadonlyMap<string, string> {
    if (view === this.#view && registry === this.#registry) return this.#problems;
    const before = registry === this.#registry ? this.#examined : new Map<string, Examined>();
    const examined = new Map<string, Examined>();
    const problems = new Map<string, string>();
    for (const [key, { value }] of view.entries()) {
      const known = before.get(key);
      const one = known?.value === value ? known : { value, problem: registry.problemWith(key, value) };
      examined.set(key, one);
      if (one.problem !== null) problems.set(key, one.problem);
    }
    [this.#view, this.#registry, this.#examined, this.#problems] = [view, registry, examined, problems];
    return problems;
  }
}
