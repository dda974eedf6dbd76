import { randomUUID } from 'node:crypto';
import { forcedReason, formatValue, MAX_CHANGE_SET_BYTES } from '@mutt/dynamic-config';
import type { Change, ChangeInput, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { authorOf } from '../auth/authenticate.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { loggedCommitJson } from './json-shapes.ts';
import { commitOnce } from './request-id.ts';
import { changesBody, changesQuery } from './request-schemas.ts';
import { toValueInput } from './request-value.ts';

/** The largest change set, where JSON writes each of its bytes as `\u0000`, and the rest of the body. */
const BODY_LIMIT = 6 * MAX_CHANGE_SET_BYTES + 1024 * 1024;
/** A page of history ends early once its values are this large. */
const PAGE_LENGTH = 8 * 1024 * 1024;

export interface ChangesOptions {
  readonly config: DynamicConfig;
  readonly hub: EventHub;
  readonly declared: DeclaredSettings;
}

/** `/api/v1/changes`: change sets, as one and as they were. */
export function changesRoutes({ config, hub, declared }: ChangesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/api/v1/changes', { schema: { body: changesBody }, bodyLimit: BODY_LIMIT }, async (request) => {
      const { changes, reason, request_id: requestId = randomUUID(), if_revision, notify = true } = request.body;
      const { force = false } = request.body;
      const inputs = changes.map(toChangeInput);
      const notices = await declared.check(inputs.map(toText), force);
      const commit = (): Promise<LoggedCommit> =>
        config.commit(inputs, {
          reason: force ? forcedReason(reason) : (reason ?? undefined),
          changedBy: authorOf(request),
          requestId,
          correlationId: request.id,
          ifRevision: if_revision,
          notify,
        });
      const made = await commitOnce(requestId, () => (notify ? commit() : hub.hushed(requestId, commit)));
      return { ...loggedCommitJson(made), ...(notices.length > 0 && { notices }) };
    });

    app.get('/api/v1/changes', { schema: { querystring: changesQuery } }, async (request) => {
      const { commits, more } = await page(config, request.query);
      return { changes: commits.map(loggedCommitJson), more };
    });
  };
}

function toChangeInput(change: z.infer<typeof changesBody>['changes'][number]): ChangeInput {
  const { key, if_revision: ifRevision } = change;
  if ('delete' in change) return { key, delete: true, ifRevision };
  return { key, value: toValueInput(key, change.value), ifRevision };
}

/** A change as it would be stored. */
function toText(input: ChangeInput): Pick<Change, 'key' | 'value'> {
  return { key: input.key, value: 'delete' in input ? null : formatValue(input.key, input.value) };
}

async function page(
  config: DynamicConfig,
  { after, limit }: z.infer<typeof changesQuery>,
): Promise<{ commits: LoggedCommit[]; more: boolean }> {
  const commits: LoggedCommit[] = [];
  let length = 0;
  let isFull = false;
  for await (const commit of config.history({ afterRevision: after })) {
    if (isFull) return { commits, more: true };
    commits.push(commit);
    for (const value of [...commit.changes.map((change) => change.value), ...commit.previousValues]) {
      length += value?.length ?? 0;
    }
    isFull = commits.length === limit || length > PAGE_LENGTH;
    // The next one may be large: it is read only where there may be none.
    if (isFull && commit.revision < config.head.revision) return { commits, more: true };
  }
  return { commits, more: false };
}
