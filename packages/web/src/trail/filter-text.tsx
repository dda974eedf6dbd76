import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState, type ReactNode, type Ref } from 'react';

interface FilterTextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly leftSection?: ReactNode;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly maxLength: number;
  readonly isMonospace?: boolean;
  readonly className?: string | undefined;
}

/** Long enough not to ask for each letter. */
const PAUSE_MS = 300;

/** A filter that is typed; it takes effect at a pause, or by Enter. */
export function FilterText({
  value = '',
  onChange,
  isMonospace,
  inputRef,
  label,
  ...rest
}: FilterTextProps): ReactNode {
  const [typed, setTyped] = useState(value);
  const [settled, setSettled] = useState(value);
  // It was changed elsewhere: by a link, or by going back.
  if (settled !== value) {
    setSettled(value);
    if (typed.trim() !== value) setTyped(value);
  }
  const apply = useDebouncedCallback(onChange, PAUSE_MS);
  return (
    <TextInput
      {...rest}
      ref={inputRef}
      aria-label={label}
      title={label}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        apply(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed !== '') {
          setTyped('');
          apply('');
          apply.flush();
        }
        if (event.key === 'Enter') apply.flush();
      }}
      data-set={typed !== ''}
      spellCheck={false}
      autoComplete="off"
      {...(isMonospace === true && { ff: 'monospace' })}
    />
  );
}
