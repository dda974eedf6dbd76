import { Textarea } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import type { EditorProps } from './value-editor.tsx';

/** Above this, the height of the field is not measured at each key. */
const MOST_MEASURED = 20_000;
const MOST_ROWS = 24;

/** Text, on as many lines as it has. */
export function TextEditor({ value, problem, onChange, fieldRef }: EditorProps): ReactNode {
  return (
    <Textarea
      ref={fieldRef as RefObject<HTMLTextAreaElement | null>}
      aria-label="Value"
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      {...(value.length > MOST_MEASURED ? { rows: MOST_ROWS } : { autosize: true, minRows: 1, maxRows: MOST_ROWS })}
      value={value}
      error={problem}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
