import { UnstyledButton } from '@mantine/core';
import { IconPencil, IconSwitchHorizontal } from '@tabler/icons-react';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { draft } from '../draft/use-draft.ts';
import { useServerCheck } from '../setting/use-server-check.ts';
import { quickChange, quickKind } from './quick-change.ts';
import classes from './quick-edit.module.css';
import type { Row } from './rows.ts';

interface QuickEditProps {
  readonly row: Row;
  /** What is collected for it already, or else what is in force. */
  readonly value: string;
  readonly onEdit: (key: string | null) => void;
}

/** Begins to change a number in its row, or switches a boolean over. Either is collected, and applied after a review only. */
export function QuickEditButton({ row, value, onEdit }: QuickEditProps): ReactNode {
  const isBoolean = quickKind(row) === 'boolean';
  const Icon = isBoolean ? IconSwitchHorizontal : IconPencil;
  const label = isBoolean ? `Switch ${row.key} to ${flipped(value)}` : `Change ${row.key}`;
  return (
    <UnstyledButton
      className={classes['button']}
      aria-label={label}
      title={`${label} (e)`}
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        beginQuickEdit(row, onEdit);
      }}
    >
      <Icon size={13} aria-hidden />
    </UnstyledButton>
  );
}

/** By keyboard as by the button. */
export function beginQuickEdit(row: Row, onEdit: (key: string | null) => void): void {
  const kind = quickKind(row);
  const collected = draft.current().find(({ key }) => key === row.key);
  if (kind === 'boolean') draft.put([quickChange(row, flipped(collected?.value ?? row.value))]);
  else if (kind === 'number') onEdit(row.key);
}

/** The number in its row, as a field. Enter collects it, Escape leaves it as it was. */
export function QuickEditField({ row, value, onEdit }: QuickEditProps): ReactNode {
  const [text, setText] = useState(value);
  const { problem } = useServerCheck(row.key, text === value ? null : text);
  const stop = (field: HTMLElement): void => {
    field.closest<HTMLElement>('[role=treegrid]')?.focus();
    onEdit(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // The arrows and letters are the field's, not the table's.
    event.stopPropagation();
    if (event.key === 'Enter' && problem === null) {
      draft.put([quickChange(row, text.trim())]);
      stop(event.currentTarget);
    } else if (event.key === 'Escape') stop(event.currentTarget);
  };
  return (
    <input
      className={classes['field']}
      aria-label={`New value of ${row.key}`}
      aria-invalid={problem !== null}
      title={problem ?? 'Enter collects the change, Esc leaves it'}
      inputMode="decimal"
      spellCheck={false}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={onKeyDown}
      onBlur={() => onEdit(null)}
    />
  );
}

function flipped(value: string | null): string {
  return value === 'true' ? 'false' : 'true';
}
