import { SECRET_MASK } from '@mutt/dynamic-config';
import type { DynamicConfig, Entry } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../auth/authenticate.ts';
import { visibilityOf, withoutSecrets } from '../auth/visibility.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { listEntries } from './config-replies.ts';
import { EntriesTag } from './entries-tag.ts';
import type { EntryProblems } from './entry-problems.ts';
import { entryJson } from './json-shapes.ts';
import { hasAlready } from './preconditions.ts';
import { namedKeys } from './request-schemas.ts';

const entriesQuery = z.strictObject({ key: namedKeys.optional() });

export interface EntriesRoutesOptions {
  readonly config: DynamicConfig;
  readonly declared: DeclaredSettings;
  readonly problems: EntryProblems;
}

/** `/api/v1/entries`: entries with all that is known of them, for people to look at: secrets are masked. */
export function entriesRoutes({ config, declared, problems }: EntriesRoutesOptions): FastifyPluginAsyncZod {
  const tag = new EntriesTag();
  return async (app) => {
    app.get('/api/v1/entries', { schema: { ...listEntries, querystring: entriesQuery } }, async (request, reply) => {
      const { registry } = await declared.current();
      // A secret is on a screen only when it is asked for by its key.
      const reader = withoutSecrets(principalOf(request));
      const sight = visibilityOf(reader, registry.secretKeys);
      using view = config.snapshot();
      const current = tag.current(view, registry, reader);
      reply.header('etag', current);
      if (hasAlready(request.headers, current)) return reply.code(304).send();
      const asked = request.query.key;
      const found = asked === undefined ? view.entries() : namedEntries(asked, (key) => view.entry(key));
      const known = asked === undefined ? problems.of(view, registry) : null;
      const entries: Record<string, unknown>[] = [];
      for (const [key, entry] of found) {
        const visibility = sight(key);
        if (visibility === 'absent') continue;
        const masked = visibility === 'masked';
        entries.push({
          key,
          ...entryJson(masked ? { ...entry, value: SECRET_MASK } : entry),
          invalid: known === null ? registry.problemWith(key, entry.value) : (known.get(key) ?? null),
          masked,
        });
      }
      const { epoch, revision } = view.head;
      return { epoch, revision, entries };
    });
  };
}

function* namedEntries(
  keys: readonly string[],
  entryOf: (key: string) => Entry | undefined,
): IterableIterator<[string, Entry]> {
  for (const key of new Set(keys)) {
    const entry = entryOf(key);
    if (entry !== undefined) yield [key, entry];
  }
}
