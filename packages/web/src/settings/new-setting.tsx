import { Anchor, Autocomplete, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { DraftChanges } from '../draft/draft.ts';
import { draft } from '../draft/use-draft.ts';
import { useEntries } from '../live/use-entries.tsx';
import { ruleWords, UNDECLARED } from '../setting/rule-words.ts';
import { kindOf } from '../setting/kind-of.ts';
import { useServerCheck } from '../setting/use-server-check.ts';
import { ValueEditor } from '../setting/value-editor.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { KEY_RULE, problemWithKey } from './key-rule.ts';
import { useSettings } from './use-settings.ts';

const MOST_OFFERED = 50;

interface NewSettingProps {
  readonly onClose: () => void;
  readonly onReview: (changes: DraftChanges) => void;
}

/** A key that is not set as yet, with its first value; reviewed before it is applied, as any change. */
export function NewSetting({ onClose, onReview }: NewSettingProps): ReactNode {
  const { byKey } = useEntries();
  const settings = useSettings();
  const [key, setKey] = useState('');
  /** null: nobody typed one. */
  const [typed, setTyped] = useState<string | null>(null);
  const [isLeft, setLeft] = useState(false);
  const field = useRef<HTMLElement>(null);
  const setting = settings.get(key) ?? null;
  const value = typed ?? setting?.default ?? '';
  const isSet = byKey?.has(key) ?? false;
  const keyProblem = key === '' ? null : problemWithKey(key);
  const isKeyFine = key !== '' && keyProblem === null && !isSet;
  const { problem } = useServerCheck(key, isKeyFine && (typed !== null || setting !== null) ? value : null);
  const offered = useMemo(() => [...settings.keys()].filter((one) => byKey?.has(one) !== true), [settings, byKey]);
  const changes = [{ key, value, baseValue: null, baseRevision: 0, isSecret: setting?.secret ?? false }];

  return (
    <Dialog onClose={onClose} title="New setting">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isKeyFine) onReview(changes);
        }}
      >
        <Stack gap="sm">
          <Autocomplete
            label="Key"
            description={KEY_RULE}
            placeholder="moog_rate_limit"
            size="xs"
            data={offered}
            limit={MOST_OFFERED}
            openOnFocus={false}
            value={key}
            onChange={(next) => {
              setKey(next.trim());
              setLeft(false);
            }}
            onBlur={() => setLeft(true)}
            error={isLeft ? keyProblem : null}
            spellCheck={false}
            autoCapitalize="off"
            data-autofocus
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          {isSet && (
            <Text size="sm" role="status">
              It is set already:{' '}
              <Anchor size="sm" renderRoot={(props: object) => <Link {...props} to="/setting" search={{ key }} />}>
                change it
              </Anchor>
            </Text>
          )}
          <div>
            <ValueEditor
              kind={kindOf(setting, value, false)}
              {...{ setting, value, problem }}
              fieldRef={field}
              onChange={setTyped}
            />
            <Text size="xs" c="dimmed" mt={4} style={{ overflowWrap: 'anywhere' }}>
              {setting === null
                ? UNDECLARED
                : `${setting.description === null ? '' : `${setting.description}. `}It is ${ruleWords(setting)}.`}
            </Text>
          </div>
          <Group gap="xs" justify="flex-end">
            <Button
              variant="default"
              disabled={!isKeyFine}
              onClick={() => {
                draft.put(changes);
                onClose();
              }}
            >
              Add to change set
            </Button>
            <Button type="submit" disabled={!isKeyFine}>
              Review …
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
