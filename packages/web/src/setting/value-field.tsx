import { NumberInput, PasswordInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { ReactNode, Ref } from 'react';
import type { DeclaredSetting } from '../api/replies.ts';

/** More words than these do not stand beside each other. */
const MOST_SEGMENTS = 4;
const LONG = 80;

interface ValueFieldProps {
  /** null: no service declares it, so it is a text. */
  readonly setting: DeclaredSetting | null;
  readonly value: string;
  readonly error: string | null;
  readonly fieldRef: Ref<HTMLInputElement & HTMLTextAreaElement>;
  readonly onChange: (value: string) => void;
}

/** The value as text, in the field that its type is best written in. */
export function ValueField({ setting, value, error, fieldRef, onChange }: ValueFieldProps): ReactNode {
  const common = { label: 'Value', error: error ?? undefined, ref: fieldRef };
  const type = setting?.type ?? 'text';
  const words = wordsOf(setting);
  if (words !== null && words.length <= MOST_SEGMENTS) {
    return <Segments {...{ words, value, error, onChange }} />;
  }
  if (words !== null) {
    return (
      <Select
        {...common}
        data={words}
        value={value === '' ? null : value}
        onChange={(word) => onChange(word ?? '')}
        allowDeselect={false}
      />
    );
  }
  if (type === 'integer' || type === 'number') {
    const { min, max } = setting?.rule ?? {};
    return (
      <NumberInput
        {...common}
        value={value}
        onChange={(number) => onChange(String(number))}
        allowDecimal={type === 'number'}
        {...(typeof min === 'number' && { min })}
        {...(typeof max === 'number' && { max })}
        clampBehavior="none"
        suffix={setting?.unit == null ? '' : ` ${setting.unit}`}
        maw={280}
      />
    );
  }
  const typed = (event: { currentTarget: { value: string } }): void => onChange(event.currentTarget.value);
  if (type === 'secret') {
    return (
      <PasswordInput
        {...common}
        label="New value"
        value={value}
        onChange={typed}
        autoComplete="new-password"
        maw={420}
      />
    );
  }
  if (type === 'json' || type === 'schema' || value.length > LONG || value.includes('\n')) {
    return (
      <Textarea
        {...common}
        value={value}
        onChange={typed}
        autosize
        minRows={3}
        maxRows={24}
        spellCheck={false}
        ff="monospace"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
    );
  }
  return <TextInput {...common} value={value} onChange={typed} spellCheck={false} maw={560} />;
}

function wordsOf(setting: DeclaredSetting | null): readonly string[] | null {
  if (setting?.type === 'boolean') return ['true', 'false'];
  const words = setting?.type === 'oneOf' ? setting.rule['words'] : null;
  return Array.isArray(words) ? words.map(String) : null;
}

interface SegmentsProps {
  readonly words: readonly string[];
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

function Segments({ words, value, error, onChange }: SegmentsProps): ReactNode {
  return (
    <div>
      <SegmentedControl
        aria-label="Value"
        size="xs"
        // One that is none of the words is shown as none of them.
        data={words.map((word) => ({ value: word, label: word }))}
        value={words.includes(value) ? value : ''}
        onChange={onChange}
      />
      {error !== null && (
        <p role="alert" style={{ color: 'var(--mantine-color-error)', fontSize: 'var(--mantine-font-size-xs)' }}>
          {error}
        </p>
      )}
    </div>
  );
}
