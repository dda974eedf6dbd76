import { TagsInput } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import { itemsOf, listText } from './list-text.ts';
import { TextEditor } from './text-editor.tsx';
import type { EditorProps } from './value-editor.tsx';

const MONOSPACE = { fontFamily: 'var(--mantine-font-family-monospace)' };

/** A list, item by item: those that the setting knows are offered. */
export function ListEditor(props: EditorProps): ReactNode {
  const { value, setting, problem, onChange, fieldRef } = props;
  const items = itemsOf(value);
  if (items === null) return <TextEditor {...props} />;
  return (
    <TagsInput
      ref={fieldRef as RefObject<HTMLInputElement | null>}
      aria-label="Value"
      size="xs"
      placeholder="Add an item"
      data={knownItems(setting?.rule['item'])}
      value={[...items]}
      error={problem}
      allowDuplicates
      // Below is what is wrong, and what to do next.
      comboboxProps={{ position: 'top-start', width: 240 }}
      maxDropdownHeight={180}
      styles={{ pill: MONOSPACE, inputField: MONOSPACE }}
      spellCheck={false}
      autoComplete="off"
      onChange={(next) => onChange(listText(next))}
    />
  );
}

function knownItems(item: unknown): string[] {
  if (typeof item !== 'object' || item === null || !('rule' in item)) return [];
  const { words } = item.rule as { readonly words?: unknown };
  return Array.isArray(words) ? words.filter((word): word is string => typeof word === 'string') : [];
}
