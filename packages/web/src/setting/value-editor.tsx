import { NativeSelect, Switch, TextInput } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import type { DeclaredSetting } from '../api/replies.ts';
import { shortened } from '../ui/shortened.ts';
import { JsonEditor } from './json-editor.tsx';
import { isOff, isOn, type EditorKind } from './kind-of.ts';
import { ListEditor } from './list-editor.tsx';
import { NumberEditor } from './number-editor.tsx';
import { SecretEditor } from './secret-editor.tsx';
import { TextEditor } from './text-editor.tsx';

/** What every editor takes. */
export interface EditorProps {
  readonly value: string;
  readonly setting: DeclaredSetting | null;
  /** What is wrong with it, at the field; null: nothing known. */
  readonly problem: string | null;
  readonly onChange: (value: string) => void;
  /** To take the focus by keyboard. */
  readonly fieldRef: RefObject<HTMLElement | null>;
}

/** The value of a setting, edited as its type is. */
export function ValueEditor({ kind, ...props }: EditorProps & { readonly kind: EditorKind }): ReactNode {
  const Editor = EDITORS[kind];
  return <Editor {...props} />;
}

function SwitchEditor({ value, problem, onChange, fieldRef }: EditorProps): ReactNode {
  return (
    <Switch
      ref={fieldRef as RefObject<HTMLInputElement | null>}
      aria-label="Value"
      label={switchLabel(value)}
      size="md"
      checked={isOn(value)}
      error={problem}
      onChange={(event) => onChange(String(event.currentTarget.checked))}
    />
  );
}

/** A value that is neither is not shown as one of them. */
function switchLabel(value: string): string {
  if (isOn(value)) return 'true';
  return isOff(value) ? 'false' : `neither true nor false: ${shortened(value, 80)}`;
}

function ChoiceEditor({ value, setting, problem, onChange, fieldRef }: EditorProps): ReactNode {
  const words = Array.isArray(setting?.rule['words']) ? (setting.rule['words'] as string[]) : [];
  const isKnown = words.includes(value);
  return (
    <NativeSelect
      ref={fieldRef as RefObject<HTMLSelectElement | null>}
      aria-label="Value"
      size="xs"
      maw={320}
      value={value}
      error={problem}
      data={
        isKnown
          ? words
          : [{ value, label: value === '' ? 'Choose …' : `${shortened(value, 80)} (not allowed)` }, ...words]
      }
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function LineEditor({ value, problem, onChange, fieldRef }: EditorProps): ReactNode {
  return (
    <TextInput
      ref={fieldRef as RefObject<HTMLInputElement | null>}
      aria-label="Value"
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      maw={320}
      value={value}
      error={problem}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const EDITORS: Readonly<Record<EditorKind, (props: EditorProps) => ReactNode>> = {
  switch: SwitchEditor,
  number: NumberEditor,
  choice: ChoiceEditor,
  line: LineEditor,
  list: ListEditor,
  json: JsonEditor,
  text: TextEditor,
  secret: SecretEditor,
};
