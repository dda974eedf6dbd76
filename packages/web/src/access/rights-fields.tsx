import { Checkbox, NativeSelect, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Rights, Role } from '../api/replies.ts';
import { patternsIn, ROLES } from './rights-words.ts';

/** Rights as they are being edited. */
interface RightsDraft {
  readonly role: Role;
  readonly patterns: string;
  /** null: as the role has it. */
  readonly secrets: boolean | null;
}

/** Rights that are edited, and what they come to. */
export function useRightsDraft(from?: Rights): {
  readonly rights: Rights;
  readonly draft: RightsDraft;
  readonly setDraft: (draft: RightsDraft) => void;
} {
  const [draft, setDraft] = useState<RightsDraft>({
    role: from?.role ?? 'viewer',
    patterns: from?.key_patterns?.join('\n') ?? '',
    secrets: from?.secrets ?? null,
  });
  const { role, patterns, secrets } = draft;
  return {
    rights: { role, key_patterns: patternsIn(patterns), secrets: secrets ?? role === 'admin' },
    draft,
    setDraft,
  };
}

/** Role, keys and secrets: what people and API keys have alike. */
export function RightsFields({ rights, draft, setDraft }: ReturnType<typeof useRightsDraft>): ReactNode {
  return (
    <>
      <NativeSelect
        size="xs"
        label="Role"
        description={ROLES.find(({ role }) => role === draft.role)?.may}
        data={ROLES.map(({ role }) => role)}
        value={draft.role}
        onChange={({ currentTarget }) => setDraft({ ...draft, role: currentTarget.value as Role })}
      />
      <Textarea
        label="Only these keys"
        description="Patterns, such as moog_*: * stands for any characters. Empty: all keys."
        rows={2}
        resize="vertical"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={draft.patterns}
        onChange={({ currentTarget }) => setDraft({ ...draft, patterns: currentTarget.value })}
      />
      <Checkbox
        size="xs"
        label="Reads secret settings"
        checked={rights.secrets}
        onChange={({ currentTarget }) => setDraft({ ...draft, secrets: currentTarget.checked })}
      />
    </>
  );
}
