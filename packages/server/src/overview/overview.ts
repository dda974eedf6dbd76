import { SECRET_MASK } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { selectFigures } from '../audit/audit-figures.ts';
import type { AuditFigures } from '../audit/audit-figures.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Principal } from '../auth/principal.ts';
import { visibilityOf, withoutSecrets } from '../auth/visibility.ts';
import type { EntryProblems } from '../config/entry-problems.ts';
import { checkAll } from '../health/component-check.ts';
import type { ComponentCheck, ComponentState } from '../health/component-check.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import type { WallClock } from '../wall-clock.ts';
import { problemsOf } from './problems.ts';

export interface OverviewOptions {
  readonly config: DynamicConfig;
  readonly declared: DeclaredSettings;
  readonly problems: EntryProblems;
  readonly audit: AuditLog | undefined;
  readonly checks: readonly ComponentCheck[];
  readonly clock: Pick<WallClock, 'now'>;
}

/** Invalid values that are listed; more are only counted. */
const MOST_INVALID = 100;
/** The trail is not asked more often than this by those who see the same. */
const FRESH_MS = 500;
const MOST_KNOWN = 50;

/** How it goes, as somebody sees it. */
export class Overview {
  readonly #options: OverviewOptions;
  /** By what is seen. */
  readonly #figures = new Map<string, { readonly atMs: number; readonly figures: Promise<AuditFigures | null> }>();

  constructor(options: OverviewOptions) {
    this.#options = options;
  }

  async as(principal: Principal): Promise<Record<string, unknown>> {
    const { config, audit, checks } = this.#options;
    const [components, figures, values] = await Promise.all([
      checkAll(checks),
      this.#figuresFor(principal.keyPatterns),
      this.#valuesFor(principal),
    ]);
    const { state } = config.status();
    const { conflicts, alarm, ...counts } = values;
    const backlog = audit?.feed.status.backlog ?? null;
    const problems = problemsOf({
      state,
      alarm,
      lost: alarm?.keys ?? 0,
      isDatabaseDown: isDown(components['database']),
      isAuditDown: isDown(components['audit']),
      backlog,
      gaps: figures?.gaps ?? 0,
      invalid: counts.invalid.count,
      conflicts,
      outOfBand: figures?.outOfBand ?? 0,
    });
    return {
      ...counts,
      state,
      components,
      alarm,
      ...figuresJson(figures, backlog),
      problems: problems.map(({ whatToDo, ...problem }) => ({ ...problem, what_to_do: whatToDo })),
    };
  }

  async #valuesFor(principal: Principal) {
    const { config, declared, problems } = this.#options;
    const { registry } = await declared.current();
    const sight = visibilityOf(withoutSecrets(principal), registry.secretKeys);
    const sees = (key: string): boolean => sight(key) !== 'absent';
    using view = config.snapshot();
    const keys = [...view.entries()].map(([key]) => key).filter(sees);
    const settings = registry.settings.filter(({ key }) => sees(key));
    const invalid = [...problems.of(view, registry)].filter(([key]) => sees(key));
    const { alarm } = config.status();
    return {
      epoch: view.head.epoch,
      revision: view.head.revision,
      keys: keys.length,
      declared: settings.length,
      unset: settings.filter(({ key }) => view.entry(key) === undefined).length,
      undeclared: keys.filter((key) => registry.unknownKey(key) !== null).length,
      invalid: {
        count: invalid.length,
        values: invalid.slice(0, MOST_INVALID).map(([key, rule]) => {
          const masked = sight(key) === 'masked';
          return { key, value: masked ? SECRET_MASK : (view.entry(key)?.value ?? ''), masked, rule };
        }),
      },
      conflicts: settings.filter(({ conflict }) => conflict !== null).length,
      alarm: alarm === null ? null : { code: alarm.code, keys: alarm.keys.filter(sees).length },
    };
  }

  /** null: there is no trail, or its database does not answer. */
  async #figuresFor(visible: readonly string[] | null): Promise<AuditFigures | null> {
    const { audit, clock } = this.#options;
    if (audit === undefined) return null;
    const id = JSON.stringify(visible);
    const known = this.#figures.get(id);
    const atMs = clock.now();
    if (known !== undefined && Math.abs(atMs - known.atMs) < FRESH_MS) return known.figures;
    const figures = audit.database.run((db) => selectFigures(db, visible, atMs)).catch(() => null);
    if (this.#figures.size >= MOST_KNOWN) this.#figures.clear();
    this.#figures.set(id, { atMs, figures });
    return figures;
  }
}

function isDown(component: ComponentState | undefined): boolean {
  return component?.status === 'down';
}

function figuresJson(figures: AuditFigures | null, backlog: number | null): Record<string, unknown> {
  if (figures === null) return { drift: null, audit: null, changes_per_hour: null };
  const { hours, outOfBand, lastRecordedAtMs, gaps } = figures;
  return {
    drift: { out_of_band: outOfBand },
    audit: {
      backlog,
      last_recorded_at: lastRecordedAtMs === null ? null : new Date(lastRecordedAtMs).toISOString(),
      gaps,
    },
    changes_per_hour: hours.map(({ startMs, changes }) => ({ hour: new Date(startMs).toISOString(), count: changes })),
  };
}
