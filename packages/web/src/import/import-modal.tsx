import { Alert, Button, Checkbox, FileInput, Group, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { MOST_CHANGES } from '../draft/refusal.ts';
import { draft } from '../draft/use-draft.ts';
import { useEntries } from '../live/use-entries.tsx';
import { useSettings } from '../settings/use-settings.ts';
import { shortened } from '../ui/shortened.ts';
import { Dialog } from '../ui/dialog.tsx';
import { planImport, type ImportPlan } from './plan-import.ts';
import { MOST_BYTES, readFile, type Values } from './read-file.ts';

/** A file, compared with what is there; what differs goes into the change set, to be reviewed as a whole. */
export function ImportModal({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { byKey } = useEntries();
  const settings = useSettings();
  const [values, setValues] = useState<Values | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const plan = values === null || byKey === null ? null : planImport(values, { byKey, settings });
  const changes = plan === null ? [] : [...plan.sets, ...(isDeleting ? plan.deletes : [])];

  const read = async (file: File | null): Promise<void> => {
    setValues(null);
    setProblem(null);
    if (file === null) return;
    try {
      if (file.size > MOST_BYTES) throw new Error('It is larger than 16 MiB.');
      setValues(await readFile(file.name, await textOf(file)));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const collect = (): void => {
    draft.put(changes);
    onClose();
  };
  return (
    <Dialog onClose={onClose} size="lg" title="Import a file">
      <Stack gap="md">
        <FileInput
          size="xs"
          label="File"
          description="YAML, JSON or dotenv, as muttctl config export writes them. It is read here; nothing is applied yet."
          placeholder="Choose a file"
          accept=".yaml,.yml,.json,.env,.txt,text/*,application/json"
          error={problem === null ? null : shortened(problem, 500)}
          onChange={(file) => void read(file)}
          data-autofocus
        />
        {plan !== null && <PlanText plan={plan} />}
        {plan !== null && plan.deletes.length > 0 && (
          <Checkbox
            label={`Also delete what the file does not have: ${settingsOf(plan.deletes.length)}`}
            checked={isDeleting}
            onChange={(event) => setDeleting(event.currentTarget.checked)}
          />
        )}
        {changes.length > MOST_CHANGES && (
          <Alert color="yellow">
            At most {MOST_CHANGES.toLocaleString('en')} changes are applied as one; these are{' '}
            {changes.length.toLocaleString('en')}. Import it in parts.
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={changes.length === 0 || (plan?.badKeys.length ?? 0) > 0} onClick={collect}>
            {changes.length === 0 ? 'Add to the change set' : `Add ${changesOf(changes.length)} to the change set`}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function PlanText({ plan }: { readonly plan: ImportPlan }): ReactNode {
  const { sets, unchanged, masked, badKeys } = plan;
  const [bad] = badKeys;
  const added = sets.filter(({ baseValue }) => baseValue === null).length;
  if (bad !== undefined) {
    return (
      <Alert color="red" role="alert">
        “{shortened(bad, 80)}” cannot be a key: 1 to 256 characters of A–Z a–z 0–9 _ . : / -.
        {badKeys.length > 1 && ` So cannot ${badKeys.length - 1} more.`}
      </Alert>
    );
  }
  return (
    <Text size="sm" role="status">
      {sets.length === 0
        ? 'All is as in the file.'
        : `${settingsOf(sets.length)} would be set, ${added.toLocaleString('en')} of them new; ${unchanged.toLocaleString('en')} are as in the file.`}
      {masked.length > 0 && ` Left as they are, because the file does not tell them: ${settingsOf(masked.length)}.`}
    </Text>
  );
}

async function textOf(file: File): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error('It is not UTF-8 text.');
  }
}

function settingsOf(count: number): string {
  return count === 1 ? '1 setting' : `${count.toLocaleString('en')} settings`;
}

function changesOf(count: number): string {
  return count === 1 ? '1 change' : `${count.toLocaleString('en')} changes`;
}
