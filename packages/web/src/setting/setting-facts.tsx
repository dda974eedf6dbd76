import { Alert, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { ruleWords } from './rule-words.ts';

interface SettingFactsProps {
  readonly entry: ListedEntry | null;
  readonly setting: DeclaredSetting | null;
}

/** What is declared of a setting, in words, and what is wrong with it. */
export function SettingFacts({ entry, setting }: SettingFactsProps): ReactNode {
  return (
    <Stack gap="xs">
      {entry?.invalid != null && (
        <Alert color="red" title="Invalid: services keep the last good value">
          <Text size="sm">{entry.invalid}</Text>
        </Alert>
      )}
      {setting?.conflict != null && (
        <Alert color="yellow" title="Services do not agree on it">
          <Text size="sm">{setting.conflict}</Text>
        </Alert>
      )}
      {setting?.deprecated != null && (
        <Alert color="gray" title="Deprecated">
          <Text size="sm">{setting.deprecated}</Text>
        </Alert>
      )}
      {setting === null ? (
        <Text size="sm" c="dimmed">
          No service declares this key: any text is taken.
        </Text>
      ) : (
        <Text size="sm" c="dimmed">
          It is {ruleWords(setting)}.{setting.default !== null && ` By default ${setting.default}.`}
          {setting.requires_restart && ' A change takes a restart of the service.'} Declared by{' '}
          {setting.declared_by.map(({ service, version }) => `${service} ${version}`).join(', ')}.
        </Text>
      )}
    </Stack>
  );
}
