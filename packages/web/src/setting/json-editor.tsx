import { Button, Group, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { jsonProblem } from './json-problem.ts';
import { TextEditor } from './text-editor.tsx';
import type { EditorProps } from './value-editor.tsx';

/** JSON: where it stops being JSON is said at once, and it can be set out anew. */
export function JsonEditor({ problem, ...props }: EditorProps): ReactNode {
  const { value, onChange } = props;
  const syntax = useMemo(() => (value.trim() === '' ? null : jsonProblem(value)), [value]);
  const sentence = syntax === null ? problem : `Line ${syntax.line}, column ${syntax.column}: ${syntax.message}.`;
  // JSON.parse rounds numbers, and loses keys that come twice.
  const isFormattable = syntax === null && isSafeToFormat(value);
  return (
    <>
      <TextEditor {...props} problem={sentence} />
      <Group gap="xs" mt={4}>
        <Button
          variant="subtle"
          size="compact-xs"
          disabled={!isFormattable}
          onClick={() => onChange(JSON.stringify(JSON.parse(value), null, 2))}
        >
          Format
        </Button>
        {syntax === null && !isFormattable && value.trim() !== '' && (
          <Text size="xs" c="dimmed">
            Formatting would change some of its numbers or keys.
          </Text>
        )}
      </Group>
    </>
  );
}

/** Whether it is the same without its spaces: large numbers, `1.0` and keys that come twice are not. */
function isSafeToFormat(value: string): boolean {
  try {
    return JSON.stringify(JSON.parse(value)) === withoutSpaces(value);
  } catch {
    return false;
  }
}

function withoutSpaces(json: string): string {
  return json.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text: string | undefined) => text ?? '');
}
