import { Anchor, Grid, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import type { DraftChanges } from '../draft/draft.ts';
import { useEntries } from '../live/use-entries.tsx';
import { useMayEdit } from '../session/use-session.ts';
import { useSettings } from '../settings/use-settings.ts';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { CurrentValue } from './current-value.tsx';
import { HistoryTimeline } from './history-timeline.tsx';
import { SettingEditor } from './setting-editor.tsx';
import { SettingFacts } from './setting-facts.tsx';

const route = getRouteApi('/signed-in/setting');
const ReviewModal = lazy(async () => ({ default: (await import('../draft/review-modal.tsx')).ReviewModal }));

interface Review {
  readonly changes: DraftChanges;
  readonly reason: string;
}

/** One setting: what it is, what it holds, how it came to that, and how to change it. */
export function SettingPage(): ReactNode {
  const { key } = route.useSearch();
  const { byKey } = useEntries();
  const setting = useSettings().get(key) ?? null;
  const entry = byKey?.get(key) ?? null;
  const mayEdit = useMayEdit();
  const [review, setReview] = useState<Review | null>(null);
  if (byKey === null) return <Loading />;

  const goBack = (record: AuditRecord): void => {
    if (setting?.secret === true) return void rollBack(record, entry?.revision ?? 0);
    const value = record.new_values?.value ?? null;
    const base = { baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0, isSecret: false };
    setReview({ changes: [{ key, value, ...base }], reason: `Back to revision ${record.revision}` });
  };
  return (
    <Page
      title={key}
      about={setting?.description ?? undefined}
      before={
        <Anchor component={Link} to="/" size="sm">
          ← All settings
        </Anchor>
      }
      actions={<CopyMenu settingKey={key} value={entry?.masked === true ? null : (entry?.value ?? null)} />}
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <SettingFacts {...{ entry, setting }} />
            <Section title="Now">
              <CurrentValue {...{ entry, setting }} />
            </Section>
            <Section title="Change it">
              {mayEdit ? (
                <SettingEditor
                  key={key}
                  settingKey={key}
                  {...{ entry, setting }}
                  onReview={(changes) => setReview({ changes, reason: '' })}
                />
              ) : (
                <Text size="sm" c="dimmed">
                  You have the role viewer: editors and admins change values.
                </Text>
              )}
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Section title="History">
            <HistoryTimeline settingKey={key} current={entry?.value ?? null} {...(mayEdit && { onRevert: goBack })} />
          </Section>
        </Grid.Col>
      </Grid>
      {review !== null && (
        <Suspense>
          <ReviewModal
            changes={review.changes}
            initialReason={review.reason}
            onClose={() => setReview(null)}
            onApplied={() => setReview(null)}
            onChange={(changes) => setReview(changes.length === 0 ? null : { ...review, changes })}
          />
        </Suspense>
      )}
    </Page>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section>
      <Title order={2} mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

/** What a secret held is known to the server alone. */
async function rollBack({ key, revision }: AuditRecord, ifRevision: number): Promise<void> {
  if (key === null || !confirm(`Put back what ${key} held in revision ${revision}?`)) return;
  try {
    await request(`/config/${encodeURIComponent(key)}/rollback`, {
      method: 'POST',
      body: { to_revision: revision, if_revision: ifRevision, reason: `Back to revision ${revision}` },
    });
  } catch (error) {
    showFailure('It was not put back', error);
  }
}
