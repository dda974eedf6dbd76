import { MAX_CHANGES } from './change-set.ts';
import type { ChangeInput } from './change-set.ts';
import type { ChangeOptions } from './connect-options.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { InvalidValueError, RevisionConflictError } from './errors.ts';
import { planSeed } from './seed-plan.ts';
import type { Environment, PlannedStep, PlanOptions, SeedMapping, SeedStep, Stored } from './seed-plan.ts';
import { toSettings } from './settings/declaration.ts';
import type { Settings } from './settings/declaration.ts';
import { StoredText } from './settings/stored-text.ts';
import type { ChangeOf } from './typed-values.ts';

export interface SeedOptions extends Pick<ChangeOptions, 'reason' | 'changedBy' | 'notify'> {
  /** What is seeded. Default: the settings given to `connect`. */
  readonly settings?: Settings;
  /** Keys that are not declared, and other sources for those that are. */
  readonly mapping?: SeedMapping;
  /** Default `process.env`. */
  readonly env?: Environment;
  /** Replace what has an entry, too. Default false. */
  readonly force?: boolean;
  /** Only plan: write nothing, and show what is refused instead of failing. Default false. */
  readonly dryRun?: boolean;
  /** What else is wrong with a text for a key, as a sentence; null: nothing. `SettingsRegistry` has such a check. */
  readonly check?: (key: string, text: string) => string | null;
}

/** What became of the keys, or would. */
export interface SeedPlan {
  readonly steps: readonly SeedStep[];
  /** The revision of the one change set, or of the last: of each 1,000 keys there is one. null: nothing was written. */
  readonly revision: number | null;
}

/**
 * Gives keys their first values: from the environment, else their defaults. What has an entry keeps it, so this may run
 * at every deployment, and on several machines at once.
 *
 * @throws InvalidValueError naming each variable, key and rule when a value is refused; nothing was written.
 * @throws RevisionConflictError when others kept writing the same keys at the same time. Nothing was written, but for
 * whole thousands of keys, where there are more: to run it again goes on from there.
 * @example
 * const { steps } = await seed(config, { mapping: { cache_reload_interval: 300, moog_rate_limit: { env: 'RATE' } } });
 * for (const { key, action, text } of steps) console.log(action, key, text);
 */
export async function seed<V extends object>(config: DynamicConfig<V>, options: SeedOptions = {}): Promise<SeedPlan> {
  const { settings, mapping = {}, env = process.env, force = false, dryRun = false, check = () => null } = options;
  const declared = settings === undefined ? config.settings : toSettings(settings);
  const planOptions: PlanOptions = { settings: declared, mapping, env, force, check };
  /** Keys that somebody has set meanwhile, whether or not it shows here already. */
  const taken = new Set<string>();
  /** What was written before others were found to write, too. */
  const done = new Map<string, SeedStep>();
  for (;;) {
    const planned = planSeed(planOptions, storedIn(config, taken));
    const steps = planned.map(({ step }) => done.get(step.key) ?? step);
    if (dryRun) return { steps, revision: null };
    assertValid(steps);
    const changes = planned.flatMap((one) => toChange(config, one));
    if (changes.length === 0) return { steps, revision: null };
    const { reason, changedBy, notify } = options;
    try {
      let revision: number | null = null;
      for (let from = 0; from < changes.length; from += MAX_CHANGES) {
        const some = changes.slice(from, from + MAX_CHANGES);
        ({ revision } = await config.commit(some as ChangeOf<V>[], { reason, changedBy, notify }));
        const keys = new Set(some.map(({ key }) => key));
        for (const step of steps) if (keys.has(step.key)) done.set(step.key, step);
      }
      return { steps, revision };
    } catch (error) {
      // Each key is lost to somebody else once at most, so this ends.
      if (!(error instanceof RevisionConflictError) || error.key === null || taken.has(error.key)) throw error;
      taken.add(error.key);
      await config.refresh();
    }
  }
}

function storedIn<V extends object>(config: DynamicConfig<V>, taken: ReadonlySet<string>): Stored {
  return {
    get: (key) => config.entry(key)?.value,
    has: (key) => taken.has(key) || config.entry(key) !== undefined,
  };
}

function assertValid(steps: readonly SeedStep[]): void {
  const problems = steps.flatMap(({ action, problem }) => (action === 'invalid' ? (problem ?? []) : []));
  if (problems.length > 0) throw new InvalidValueError(`${problems.join(' ')} Nothing was written.`);
}

/** A new key is set only if nobody else has set it since. */
function toChange<V extends object>({ settings }: DynamicConfig<V>, { step, write }: PlannedStep): ChangeInput[] {
  if (write === null) return [];
  // An instance with settings asks for their values, and not all of those can be written.
  const value: unknown = settings.size === 0 ? write : new StoredText(write);
  const ifRevision = step.action === 'set' ? 0 : undefined;
  return [{ key: step.key, value: value as string, ifRevision }];
}
