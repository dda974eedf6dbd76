import { assertKey, forcedReason, InvalidValueError, KeyNotFoundError, SECRET_MASK } from '@mutt/dynamic-config';
import type { ChangeInput, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordJson } from '../audit/audit-json.ts';
import type { ShowValue } from '../audit/audit-json.ts';
import type { Reveals } from '../audit/reveals.ts';
import { authorOf, principalOf } from '../auth/authenticate.ts';
import { readerOf } from '../auth/reader-of.ts';
import { assertMayChange, visibilityOf } from '../auth/visibility.ts';
import type { Sight, Visibility } from '../auth/visibility.ts';
import { commitOnce, requestIdOf } from '../config/request-id.ts';
import type { ReasonRule } from '../config/reason-rule.ts';
import type { PastSnapshot } from '../config/replica-routes.ts';
import { keyParams } from '../config/request-schemas.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import type { History, UndoPlan } from './history.ts';
import { getDiff, getKeyHistory, rollBackChangeSet, rollBackKey } from './history-replies.ts';
import { changeSetParams, changeSetRollbackBody, diffQuery, historyQuery, keyRollbackBody } from './history-schemas.ts';
import type { Point } from './point.ts';
import { asConflict, toChangeInputs } from './rollback.ts';
import type { PastEntry } from './state.ts';

export interface HistoryRoutesOptions {
  readonly config: DynamicConfig;
  readonly history: History;
  readonly declared: DeclaredSettings;
  readonly reasonOf: ReasonRule;
  readonly reveals: Reveals;
}

/** Begins the reason of a rollback. */
const ROLLED_BACK = 'Rolled back';
/** A rollback is sent again soon, or never. */
const REPEATED_WITHIN = 1_000;

interface RollbackBody {
  readonly reason?: string | null | undefined;
  readonly force?: boolean | undefined;
  readonly if_revision?: number | undefined;
}

/** What all keys held at a moment: `GET /api/v1/snapshot?at=`. */
export function pastSnapshot({
  history,
  declared,
  reveals,
}: Pick<HistoryRoutesOptions, 'history' | 'declared' | 'reveals'>): PastSnapshot {
  return async (request, at, reveal) => {
    const sight = await sightOf(declared, request, reveal);
    const { point, entries } = await history.at(at);
    const seen = [...entries].filter(([key]) => sight(key) !== 'absent');
    await reveals.record(
      request,
      reveal,
      seen.map(([key]) => key),
    );
    return {
      ...pointJson(point),
      // fromEntries, because it makes `__proto__` a key like any other.
      entries: Object.fromEntries(seen.map(([key, entry]) => [key, pastEntryJson(entry, sight(key))])),
    };
  };
}

/** What was, what differs, and the way back. */
export function historyRoutes({
  config,
  history,
  declared,
  reasonOf,
  reveals,
}: HistoryRoutesOptions): FastifyPluginAsyncZod {
  const sightFor = (request: FastifyRequest, reveal: string | undefined): Promise<Sight> =>
    sightOf(declared, request, reveal);

  return async (app) => {
    const keySchema = { ...getKeyHistory, params: keyParams, querystring: historyQuery };
    app.get('/api/v1/config/:key/history', { schema: keySchema }, async (request) => {
      const { key } = request.params;
      const { cursor: after, limit, reveal } = request.query;
      assertKey(key);
      const sight = (await sightFor(request, reveal))(key);
      if (sight === 'absent') throw new KeyNotFoundError(key);
      const records = await history.ofKey(key, { after, limit: limit + 1 });
      if (records.length === 0 && after === undefined) throw new KeyNotFoundError(key);
      await reveals.record(request, reveal, [key]);
      const page = records.slice(0, limit);
      const last = records.length > limit ? page.at(-1) : undefined;
      const show = (_: string, value: string): string => (sight === 'masked' ? SECRET_MASK : value);
      return {
        key,
        records: page.map((record) => recordJson(record, show)),
        next_cursor: last === undefined ? null : `${last.changedAtMs}-${last.id}`,
      };
    });

    app.get('/api/v1/diff', { schema: { ...getDiff, querystring: diffQuery } }, async (request) => {
      const { from, to, reveal } = request.query;
      const sight = await sightFor(request, reveal);
      const diff = await history.diff(from, to ?? 'now');
      const seen = diff.differences.filter(({ key }) => sight(key) !== 'absent');
      await reveals.record(
        request,
        reveal,
        seen.map(({ key }) => key),
      );
      return {
        from: pointJson(diff.from),
        to: pointJson(diff.to),
        changes: seen.map((one) => ({
          key: one.key,
          from: pastEntryJson(one.from, sight(one.key)),
          to: pastEntryJson(one.to, sight(one.key)),
        })),
      };
    });

    const rollbackSchema = { ...rollBackKey, params: keyParams, body: keyRollbackBody };
    app.post('/api/v1/config/:key/rollback', { schema: rollbackSchema }, async (request) => {
      const { key } = request.params;
      const { revision, to_revision: target, ...body } = request.body ?? {};
      assertKey(key);
      assertMayChange(principalOf(request), [key]);
      const rollBackNow = async (): Promise<LoggedCommit> => {
        const plan = target === undefined ? await history.undoOfKey(key, revision) : await history.backTo(key, target);
        const point = target === undefined ? `revision ${plan.revision}` : `to revision ${target}`;
        return rollBack(request, plan, { ...body, what: `${ROLLED_BACK} ${point}` });
      };
      const commit = (await repeated(request, ROLLED_BACK, [key])) ?? (await rollBackNow());
      const value = commit.changes[0]?.value ?? null;
      const isShown = (await sightFor(request, 'false'))(key) === 'shown';
      return {
        key,
        value: value === null || isShown ? value : SECRET_MASK,
        message: `Configuration rolled back: ${key}`,
        revision: commit.revision,
      };
    });

    const changeSetSchema = { ...rollBackChangeSet, params: changeSetParams, body: changeSetRollbackBody };
    app.post('/api/v1/changes/:revision/rollback', { schema: changeSetSchema }, async (request) => {
      const { revision } = request.params;
      const plan = await history.undoOfChangeSet(revision);
      const keys = plan.undos.map(({ key }) => key);
      assertMayChange(principalOf(request), keys);
      const what = `${ROLLED_BACK} revision ${revision}`;
      const commit =
        (await repeated(request, what, keys)) ?? (await rollBack(request, plan, { ...request.body, what }));
      return {
        message: `Change set rolled back: revision ${revision}`,
        revision: commit.revision,
        keys: commit.changes.map(({ key }) => key),
      };
    });
  };

  /** What an earlier request of the same id did to some of these keys: that is planned no second time. */
  async function repeated(
    { headers }: FastifyRequest,
    what: string,
    keys: readonly string[],
  ): Promise<LoggedCommit | null> {
    const requestId = requestIdOf(headers);
    if (requestId === undefined) return null;
    const afterRevision = Math.max(0, config.head.revision - REPEATED_WITHIN);
    for await (const commit of config.history({ afterRevision })) {
      const isSame = commit.reason?.includes(what) === true && commit.changes.every(({ key }) => keys.includes(key));
      if (commit.requestId === requestId && isSame) return commit;
    }
    return null;
  }

  async function rollBack(
    request: FastifyRequest,
    plan: UndoPlan,
    { what, reason, force = false, if_revision: ifRevision }: RollbackBody & { readonly what: string },
  ): Promise<LoggedCommit> {
    const sight = await sightFor(request, 'false');
    const show: ShowValue = (key, value) => (sight(key) === 'shown' ? value : SECRET_MASK);
    const changes = toChangeInputs(config, plan, { isForced: force, ifRevision, show });
    // Rules that somebody made up must not tell them of a value that they may not see: it was stored before.
    const seen = visibilityOf(principalOf(request), await declared.secretKeys());
    const isForced = await mustForce(
      changes.filter(({ key }) => seen(key) === 'shown'),
      force,
    );
    const why = reasonOf(reason) ?? '';
    const told = why === '' ? what : `${what}: ${why}`;
    const requestId = requestIdOf(request.headers);
    const options = {
      reason: isForced ? forcedReason(told) : told,
      changedBy: authorOf(request),
      correlationId: request.id,
      requestId,
    };
    try {
      return await commitOnce(requestId, () => config.commit(changes, options));
    } catch (error) {
      throw asConflict(error, config, show);
    }
  }

  /** Whether what is put back is refused by what is declared by now, and set all the same. */
  async function mustForce(changes: readonly ChangeInput[], mayForce: boolean): Promise<boolean> {
    const texts = changes.map((change) => ({
      key: change.key,
      value: 'delete' in change ? null : String(change.value),
    }));
    try {
      await declared.check(texts, false);
      return false;
    } catch (error) {
      if (!mayForce || !(error instanceof InvalidValueError)) throw error;
      return true;
    }
  }
}

async function sightOf(
  declared: DeclaredSettings,
  request: FastifyRequest,
  reveal: string | undefined,
): Promise<Sight> {
  return visibilityOf(readerOf(request, { reveal }), await declared.secretKeys());
}

function pointJson({ epoch, revision }: Point): Record<string, unknown> {
  return { epoch, revision };
}

function pastEntryJson(entry: PastEntry | null, visibility: Visibility): Record<string, unknown> | null {
  if (entry === null) return null;
  return {
    value: visibility === 'shown' ? entry.value : SECRET_MASK,
    revision: entry.revision,
    changed_at: new Date(entry.changedAtMs).toISOString(),
    changed_by: entry.changedBy,
  };
}
