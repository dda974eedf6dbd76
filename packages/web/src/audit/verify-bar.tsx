import { Alert, Anchor, Button, FileButton, Group } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import type { Verification } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { readSignedHead, verdictOf, type Verdict } from './verdict.ts';
import { VerdictNotice } from './verdict-notice.tsx';
import { Verifying } from './verifying.tsx';

/** Millions of records take minutes. */
const DEADLINE_MS = 30 * 60_000;

/** Whether the trail is as it was written: recomputed, and held against heads that were kept elsewhere. */
export function VerifyBar({ onOpen }: { readonly onOpen: (id: number) => void }): ReactNode {
  const cancel = useRef<AbortController | null>(null);
  const resetFile = useRef<() => void>(null);
  const verify = useMutation({
    mutationFn: async (kept: File | null): Promise<Verdict> => {
      cancel.current = new AbortController();
      return kept === null ? verifyChain(cancel.current.signal) : verifyAgainst(kept, cancel.current.signal);
    },
    onSettled: () => resetFile.current?.(),
  });
  const { data, error, isPending, mutate, reset } = verify;
  const isCancelled = error !== null && error.name === 'AbortError';
  return (
    <section aria-label="Proof">
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={14} />}
          onClick={() => mutate(null)}
          disabled={isPending}
        >
          Verify
        </Button>
        <FileButton
          resetRef={resetFile}
          accept=".json,application/json"
          onChange={(file) => file !== null && mutate(file)}
          inputProps={{ 'aria-label': 'Signed head, a JSON file' }}
        >
          {(props) => (
            <Button {...props} variant="default" disabled={isPending}>
              Verify against a head…
            </Button>
          )}
        </FileButton>
        <Anchor href="/api/v1/audit/head" download={headName()} size="xs" title="To keep where nobody here can write">
          Download a signed head
        </Anchor>
      </Group>
      {isPending && <Verifying onCancel={() => cancel.current?.abort()} />}
      {data !== undefined && <VerdictNotice verdict={data} onOpen={onOpen} onClose={reset} />}
      {error !== null && !isCancelled && (
        <Alert
          color="red"
          title="It was not verified"
          role="alert"
          mt="xs"
          withCloseButton
          closeButtonLabel="Dismiss"
          onClose={reset}
        >
          {error.message}
        </Alert>
      )}
    </section>
  );
}

async function verifyChain(signal: AbortSignal): Promise<Verdict> {
  return verdictOf(await request<Verification>('/audit/verify', { signal, deadlineMs: DEADLINE_MS }));
}

async function verifyAgainst(file: File, signal: AbortSignal): Promise<Verdict> {
  const head = readSignedHead(await file.text());
  if (head === null) {
    throw new ApiError(`${file.name} is not a signed head: it is the JSON that “Download a signed head” gives.`, {
      code: 'request_invalid',
      status: 0,
    });
  }
  const options = { method: 'POST', body: { head }, signal, deadlineMs: DEADLINE_MS } as const;
  return verdictOf(await request<Verification>('/audit/verify', options), head);
}

function headName(): string {
  return `audit-head-${new Date().toISOString().slice(0, 10)}.json`;
}
