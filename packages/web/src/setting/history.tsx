import { Button, Text, Title } from '@mantine/core';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { useMayEdit } from '../session/use-session.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { HistoryItem } from './history-item.tsx';
import classes from './history.module.css';
import { RevertModal } from './revert-modal.tsx';
import { plottedOf, toStep, type HistoryStep } from './steps-of-history.ts';
import { useHistory } from './use-history.ts';

const ValuePlot = lazy(async () => ({ default: (await import('./value-plot.tsx')).ValuePlot }));

interface HistoryProps {
  readonly name: string;
  readonly entry: ListedEntry | undefined;
  readonly setting: DeclaredSetting | null;
  readonly isMasked: boolean;
}

/** What happened to a setting, the latest first, and the way back to each of it. */
export function History({ name, entry, setting, isMasked }: HistoryProps): ReactNode {
  const { data, dataUpdatedAt, error, isPending, refetch, ...pages } = useHistory(name);
  const mayEdit = useMayEdit();
  const [target, setTarget] = useState<HistoryStep | null>(null);
  const steps = useMemo(() => (data?.pages ?? []).flatMap(({ records }) => records.map(toStep)), [data]);
  const plotted = useMemo(() => (isMasked ? null : plottedOf(steps, dataUpdatedAt)), [steps, isMasked, dataUpdatedAt]);
  const mayRevertTo = ({ change, revision }: HistoryStep): boolean =>
    mayEdit &&
    change !== null &&
    revision !== null &&
    (isMasked ? revision !== entry?.revision : change.after !== (entry?.value ?? null));

  return (
    <section aria-labelledby="history">
      <Title order={2} id="history" mb="xs">
        History
      </Title>
      {error !== null && <FailureNotice error={error} retry={() => void refetch()} />}
      {isPending && <Loading />}
      {data !== undefined && steps.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing has happened to this key yet.
        </Text>
      )}
      {plotted !== null && (
        <div className={classes['plot']}>
          <Suspense>
            <ValuePlot plotted={plotted} unit={setting?.unit ?? null} />
          </Suspense>
        </div>
      )}
      <ol className={classes['list']}>
        {steps.map((step) => (
          <HistoryItem
            key={step.id}
            {...{ step, entry, isMasked }}
            onRevert={mayRevertTo(step) ? setTarget : undefined}
          />
        ))}
      </ol>
      {pages.hasNextPage && (
        <Button variant="default" mt="xs" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show older
        </Button>
      )}
      {target !== null && <RevertModal {...{ name, entry, isMasked }} step={target} onClose={() => setTarget(null)} />}
    </section>
  );
}
