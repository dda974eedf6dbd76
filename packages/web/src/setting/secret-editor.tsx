import { PasswordInput } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import type { EditorProps } from './value-editor.tsx';

/** A secret is written, and not read. */
export function SecretEditor({ value, problem, onChange, fieldRef }: EditorProps): ReactNode {
  return (
    <PasswordInput
      ref={fieldRef as RefObject<HTMLInputElement | null>}
      aria-label="New value"
      placeholder="A new value, to replace what is there"
      maw={420}
      value={value}
      error={problem}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
