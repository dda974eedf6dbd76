import { Textarea } from '@mantine/core';
import type { ReactNode } from 'react';

interface ReasonFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The server takes no change without one. */
  readonly isRequired?: boolean;
  /** It was sent without, and refused. */
  readonly isMissing?: boolean;
}

/** Why a change is made. */
export function ReasonField({ value, onChange, isRequired = false, isMissing = false }: ReasonFieldProps): ReactNode {
  return (
    <Textarea
      label="Reason"
      description={
        isRequired || isMissing ? 'Required here; recorded in the audit trail' : 'Recorded in the audit trail'
      }
      placeholder="Why, for whoever reads this at night"
      value={value}
      error={isMissing && value.trim() === '' ? 'The server takes no change without a reason.' : null}
      withAsterisk={isRequired || isMissing}
      aria-required={isRequired || isMissing}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
      }}
      maxLength={2_000}
      autosize
      minRows={2}
      data-autofocus
    />
  );
}
