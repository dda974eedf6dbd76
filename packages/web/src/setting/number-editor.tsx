import { ActionIcon, Group, Input, Text, TextInput } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { useId, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { stepFor, stepped } from './steps.ts';
import type { EditorProps } from './value-editor.tsx';

/** A number as its text, so that none is rounded on the way; up and down by keys and buttons. */
export function NumberEditor({ value, setting, problem, onChange, fieldRef }: EditorProps): ReactNode {
  const problemId = useId();
  const rule = setting?.rule ?? {};
  const bounds = { min: boundOf(rule['min']), max: boundOf(rule['max']) };
  const step = (direction: 1 | -1): void => {
    const next = stepped(value, direction * stepFor(value, setting?.type ?? 'integer'), bounds);
    if (next !== null) onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    step(event.key === 'ArrowUp' ? 1 : -1);
  };
  return (
    <>
      <Group gap={6} align="flex-start" wrap="nowrap">
        <TextInput
          ref={fieldRef as RefObject<HTMLInputElement | null>}
          aria-label="Value"
          inputMode={setting?.type === 'integer' ? 'numeric' : 'decimal'}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', width: 180 } }}
          value={value}
          error={problem !== null}
          aria-describedby={problem === null ? undefined : problemId}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <ActionIcon variant="default" size={30} aria-label="One step down" onClick={() => step(-1)}>
          <IconMinus size={14} />
        </ActionIcon>
        <ActionIcon variant="default" size={30} aria-label="One step up" onClick={() => step(1)}>
          <IconPlus size={14} />
        </ActionIcon>
        {setting?.unit != null && (
          <Text size="sm" c="dimmed" lh="30px">
            {setting.unit}
          </Text>
        )}
      </Group>
      {problem !== null && (
        <Input.Error id={problemId} mt={4}>
          {problem}
        </Input.Error>
      )}
    </>
  );
}

function boundOf(bound: unknown): number | undefined {
  return typeof bound === 'number' ? bound : undefined;
}
