import { Button, Group, Kbd, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { onSignedOut } from '../api/request.ts';
import { ConflictNotice } from '../draft/conflict-notice.tsx';
import type { DraftChange, DraftChanges } from '../draft/draft.ts';
import { draft } from '../draft/use-draft.ts';
import { edited, stateOf, type Edit } from './edit.ts';
import { kindOf } from './kind-of.ts';
import { LeaveGuard } from './leave-guard.tsx';
import { meaningOf } from './meaning.ts';
import { useServerCheck } from './use-server-check.ts';
import { ValueEditor } from './value-editor.tsx';

const ReviewModal = lazy(async () => ({ default: (await import('../draft/review-modal.tsx')).ReviewModal }));

interface SettingEditorProps {
  readonly name: string;
  readonly entry: ListedEntry | undefined;
  readonly setting: DeclaredSetting | null;
}

/** Changes the value: nothing is saved before it was reviewed. */
export function SettingEditor({ name, entry, setting }: SettingEditorProps): ReactNode {
  const isSecret = entry?.masked === true || setting?.secret === true;
  const current = isSecret ? '' : (entry?.value ?? setting?.default ?? '');
  const [typed, setEdit] = useState<Edit | null>(null);
  // Declared a secret since it was begun, it is one.
  const edit = typed === null ? null : { ...typed, isSecret: typed.isSecret || isSecret };
  const [reviewed, setReviewed] = useState<DraftChanges | null>(null);
  const field = useRef<HTMLElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const kindNow = kindOf(setting, entry?.value ?? null, isSecret);
  const [kind, setKind] = useState(kindNow);
  const isReviewing = reviewed !== null;
  const state = stateOf(edit, entry);
  const isDirty = edit !== null && state !== 'none';
  // The kind of a field does not change under one's hands.
  if (kind !== kindNow && (!isDirty || isSecret)) setKind(kindNow);
  const check = useServerCheck(name, isDirty ? edit.value : null);
  const shown = edit?.value ?? current;
  const meaning = setting === null ? null : meaningOf(shown, setting);

  const change = (value: string): void => setEdit(edited(isDirty ? edit : null, value, { key: name, entry, isSecret }));
  const review = (): void => {
    if (isDirty && state === 'changed') setReviewed([edit]);
  };
  const collect = (): void => {
    if (!isDirty) return;
    draft.put([edit]);
    setEdit(null);
    notifications.show({ message: `${name} is in the change set; it is not applied yet.`, color: 'gray' });
  };
  const reset = (): void => {
    const base = { baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0 };
    setReviewed([{ key: name, value: null, ...base, isSecret }]);
  };
  const onKeyDown = useEffectEvent((event: globalThis.KeyboardEvent) => {
    // Esc closes what is offered, first.
    const isOffered = event.target instanceof Element && event.target.ariaExpanded === 'true';
    if (event.key === 'Escape' && !isOffered) setEdit(null);
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    review();
  });
  useEffect(() => {
    const listening = form.current;
    listening?.addEventListener('keydown', onKeyDown);
    return () => listening?.removeEventListener('keydown', onKeyDown);
  }, []);
  // Whoever signs in again finds it in the change set.
  const keep = useEffectEvent(() => {
    if (isDirty) draft.put([edit]);
    setEdit(null);
  });
  useEffect(() => onSignedOut(keep), []);
  useHotkeys([
    [
      'e',
      () => {
        field.current?.focus();
        if (field.current instanceof HTMLInputElement) field.current.select();
      },
    ],
  ]);
  const theirs = (changed: DraftChange): void => setEdit({ ...changed, value: edit?.value ?? '' });

  return (
    <>
      <form
        ref={form}
        aria-label="Edit the value"
        onSubmit={(event) => {
          event.preventDefault();
          review();
        }}
      >
        <ValueEditor
          kind={kind}
          value={shown}
          setting={setting}
          problem={isDirty && (check.state === 'refused' || check.state === 'checking') ? check.problem : null}
          onChange={change}
          fieldRef={field}
        />
        <Text size="xs" c="dimmed" mt={4} mih={18} role="status" style={{ overflowWrap: 'anywhere' }}>
          {[meaning, isDirty ? sentenceFor(check) : null].filter((one) => one !== null).join(' · ')}
        </Text>
        {state === 'overtaken' && edit !== null && !isReviewing && (
          <ConflictNotice change={edit} theirs={entry} replace={theirs} drop={() => setEdit(null)} />
        )}
        <Group gap="xs" mt="xs">
          <Button type="submit" disabled={!isDirty || state === 'overtaken'}>
            Review…
          </Button>
          <Button variant="default" disabled={!isDirty || state === 'overtaken'} onClick={collect}>
            Add to change set
          </Button>
          {isDirty && (
            <Button variant="subtle" color="gray" onClick={() => setEdit(null)}>
              Revert
            </Button>
          )}
          {!isDirty && entry !== undefined && (
            <Button variant="subtle" color="gray" onClick={reset}>
              {setting?.default == null ? 'Delete…' : 'Reset to default…'}
            </Button>
          )}
          <Text size="xs" c="dimmed" visibleFrom="sm">
            <Kbd size="xs">e</Kbd> edit · <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> review ·{' '}
            <Kbd size="xs">Esc</Kbd> revert
          </Text>
        </Group>
      </form>
      {reviewed !== null && (
        <Suspense>
          <ReviewModal
            changes={reviewed}
            onClose={() => setReviewed(null)}
            onApplied={() => {
              setReviewed(null);
              setEdit(null);
            }}
            onChange={(next) => {
              setReviewed(next);
              const [one] = next;
              setEdit(one?.value == null ? null : { ...one, value: one.value });
            }}
          />
        </Suspense>
      )}
      <LeaveGuard isDirty={isDirty} onCollect={collect} />
    </>
  );
}

function sentenceFor({ state, problem, notices }: ReturnType<typeof useServerCheck>): string | null {
  if (state === 'checking') return 'checking …';
  if (state === 'failed') return problem;
  if (state === 'taken') return ['the server would take this', ...notices].join(' · ');
  return null;
}
