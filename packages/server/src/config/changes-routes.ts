import { randomUUID } from 'node:crypto';
import {
  forcedReason,
  formatValue,
  MAX_CHANGE_SET_BYTES,
  RevisionConflictError,
  toChanges,
} from '@mutt/dynamic-config';
import type { Change, ChangeInput, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { authorOf, principalOf } from '../auth/authenticate.ts';
import { programOf } from '../auth/reader-of.ts';
import { assertMayChange, visibilityOf } from '../auth/visibility.ts';
import type { Sight } from '../auth/visibility.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { listChanges, postChanges } from './config-replies.ts';
import type { ReasonRule } from './reason-rule.ts';
import { commitOnce } from './request-id.ts';
import { changesBody, changesQuery } from './request-schemas.ts';
import { isUnseen, seenChangesJson, seenCommitJson } from './seen-json.ts';

/** The largest change set, where JSON writes each of its bytes as `\u0000`, and the rest of the body. */
const BODY_LIMIT = 6 * MAX_CHANGE_SET_BYTES + 1024 * 1024;
/** A page of history ends early once its values are this large. */
const PAGE_LENGTH = 8 * 1024 * 1024;
/** Or once so many commits were read of which nothing may be seen. */
const MOST_UNSEEN = 2_000;

export interface ChangesOptions {
  readonly config: DynamicConfig;
  readonly hub: EventHub;
  readonly declared: DeclaredSettings;
  readonly reasonOf: ReasonRule;
}

/** `/api/v1/changes`: change sets, as one and as they were. */
export function changesRoutes({ config, hub, declared, reasonOf }: ChangesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api/v1/changes',
      { schema: { ...postChanges, body: changesBody }, bodyLimit: BODY_LIMIT },
      async (request) => {
        const { changes, reason, request_id: requestId = randomUUID(), if_revision, notify = true } = request.body;
        const { force = false, dry_run: isDryRun = false } = request.body;
        assertMayChange(
          principalOf(request),
          changes.map(({ key }) => key),
        );
        const why = reasonOf(reason);
        const { inputs, rewritten } = await toInputs(changes, declared);
        const notices = await declared.check(inputs.map(toText), force);
        const sight = visibilityOf(programOf(request), await declared.secretKeys());
        if (isDryRun) {
          const plan = planOf(config, toChanges(inputs), { ifRevision: if_revision, sight });
          return { dry_run: true, revision: config.head.revision, ...seenChangesJson(plan, sight), notices };
        }
        const commit = (): Promise<LoggedCommit> =>
          config.commit(inputs, {
            reason: force ? forcedReason(why) : why,
            changedBy: authorOf(request),
            requestId,
            correlationId: request.id,
            ifRevision: if_revision,
            notify,
          });
        const made = await commitOnce(requestId, () => (notify ? commit() : hub.hushed(requestId, commit)));
        return {
          ...seenCommitJson(made, sight),
          ...(notices.length > 0 && { notices }),
          ...(rewritten.length > 0 && { rewritten }),
        };
      },
    );

    app.get('/api/v1/changes', { schema: { ...listChanges, querystring: changesQuery } }, async (request) => {
      const sight = visibilityOf(programOf(request), await declared.secretKeys());
      const { commits, more, nextAfter } = await page(config, request.query, sight);
      return { changes: commits.map((commit) => seenCommitJson(commit, sight)), more, next_after: nextAfter };
    });
  };
}

/** What is asked for, as it is to be stored, and the keys for which that is another text. */
async function toInputs(
  changes: z.infer<typeof changesBody>['changes'],
  declared: DeclaredSettings,
): Promise<{ inputs: readonly ChangeInput[]; rewritten: readonly string[] }> {
  const inputs: ChangeInput[] = [];
  const rewritten: string[] = [];
  for (const change of changes) {
    const { key, if_revision: ifRevision } = change;
    if ('delete' in change) {
      inputs.push({ key, delete: true, ifRevision });
      continue;
    }
    const { text, isRewritten } = await declared.textOf(key, change.value);
    inputs.push({ key, value: text, ifRevision });
    if (isRewritten) rewritten.push(key);
  }
  return { inputs, rewritten };
}

/** A change as it would be stored. */
function toText(input: ChangeInput): Pick<Change, 'key' | 'value'> {
  return { key: input.key, value: 'delete' in input ? null : formatValue(input.key, input.value) };
}

/**
 * What a change set would change, as far as this replica knows.
 *
 * @throws RevisionConflictError where a precondition does not hold.
 */
function planOf(
  config: DynamicConfig,
  changes: readonly Change[],
  { ifRevision, sight }: { readonly ifRevision: number | undefined; readonly sight: Sight },
): Pick<LoggedCommit, 'changes' | 'previousValues'> {
  if (ifRevision !== undefined && ifRevision !== config.head.revision) {
    throw new RevisionConflictError(null, ifRevision, config.head.revision);
  }
  for (const { key, ifRevision: expected } of changes) {
    const current = config.entry(key)?.revision ?? 0;
    if (expected !== null && expected !== current) throw new RevisionConflictError(key, expected, current);
  }
  // Whether a value that may not be seen is the one that was guessed must not be told.
  const different = changes.filter(
    ({ key, value }) => sight(key) !== 'shown' || (config.entry(key)?.value ?? null) !== value,
  );
  return {
    changes: different.map(({ key, value }) => ({ key, value })),
    previousValues: different.map(({ key }) => config.entry(key)?.value ?? null),
  };
}

interface Page {
  readonly commits: LoggedCommit[];
  readonly more: boolean;
  /** The revision after which the next page begins. */
  readonly nextAfter: number;
}

async function page(
  config: DynamicConfig,
  { after, limit }: z.infer<typeof changesQuery>,
  sight: Sight,
): Promise<Page> {
  const commits: LoggedCommit[] = [];
  let nextAfter = after;
  let length = 0;
  let unseen = 0;
  for await (const commit of config.history({ afterRevision: after })) {
    nextAfter = commit.revision;
    if (isUnseen(commit, sight)) unseen++;
    else {
      commits.push(commit);
      length += lengthOf(commit);
    }
    const isFull = commits.length === limit || length > PAGE_LENGTH || unseen === MOST_UNSEEN;
    // The next one may be large: it is read with the next page only.
    if (isFull) return { commits, more: commit.revision < config.head.revision, nextAfter };
  }
  return { commits, more: false, nextAfter };
}

function lengthOf({ changes, previousValues }: LoggedCommit): number {
  return [...changes.map(({ value }) => value), ...previousValues].reduce(
    (sum, value) => sum + (value?.length ?? 0),
    0,
  );
}
