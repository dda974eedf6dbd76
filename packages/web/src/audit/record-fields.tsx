import { Text } from '@mantine/core';
import { TextLink } from '../ui/text-link.tsx';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { cutTo, isMasked, OPERATION_WORDS, SOURCE_WORDS, stepOf } from '../trail/record-words.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import classes from './record-fields.module.css';

const MOST_TEXT = 4_000;
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

/** The fields of a record, by name. */
export function RecordFields({ record }: { readonly record: AuditRecord }): ReactNode {
  const { key, operation, source } = record;
  return (
    <dl className={classes['fields']}>
      <Field name="What">
        {OPERATION_WORDS[operation]}
        {source === 'out-of-band' && ', by somebody who wrote to the Redis directly, past us'}
      </Field>
      {key !== null && (
        <Field name="Key">
          <SettingLink name={key} />
        </Field>
      )}
      <Values record={record} />
      <Field name="Who">{cutTo(MOST_TEXT, record.changed_by ?? 'Not known')}</Field>
      <Field name={source === 'out-of-band' ? 'Found' : 'When'}>
        <time dateTime={record.changed_at}>{exact.format(new Date(record.changed_at))}</time>
        <Text size="xs" c="dimmed">
          {record.changed_at}
        </Text>
      </Field>
      <Field name="Reason">{record.reason === null ? 'None was given' : cutTo(MOST_TEXT, record.reason)}</Field>
      {operation !== 'REVEAL' && <Field name="Written">{SOURCE_WORDS[source ?? ''] ?? source}</Field>}
      {record.correlation_id !== null && (
        <Field name="Correlation id">
          <TextLink to="/audit" search={{ text: record.correlation_id }} className={classes['mono']}>
            {cutTo(200, record.correlation_id)}
          </TextLink>
        </Field>
      )}
      {record.revision !== null && <Field name="Revision">{record.revision}</Field>}
      {record.epoch !== null && (
        <Field name="Epoch" isMonospace>
          {record.epoch}
        </Field>
      )}
      <Field name="Hash" isMonospace>
        {record.hash}
      </Field>
      <Field name="Hash before" isMonospace>
        {record.previous_hash === '' ? 'none: this is the first record' : record.previous_hash}
      </Field>
    </dl>
  );
}

function Values({ record }: { readonly record: AuditRecord }): ReactNode {
  if (record.operation === 'REVEAL') return null;
  if (record.operation === 'GAP') {
    return (
      <Field name="From → to" isMonospace>
        {JSON.stringify(record.old_values)} → {JSON.stringify(record.new_values)}
      </Field>
    );
  }
  return (
    <Field name="Value">
      {isMasked(record) ? 'A secret: what it holds is not shown.' : <ChangeDiff {...stepOf(record)} />}
    </Field>
  );
}

interface FieldProps {
  readonly name: string;
  readonly children: ReactNode;
  readonly isMonospace?: boolean;
}

function Field({ name, children, isMonospace = false }: FieldProps): ReactNode {
  return (
    <div className={classes['field']}>
      <dt>{name}</dt>
      <dd className={isMonospace ? classes['mono'] : undefined}>{children}</dd>
    </div>
  );
}
