import { Button } from '@mantine/core';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useMayEdit } from '../session/use-session.ts';

const ImportModal = lazy(async () => ({ default: (await import('../import/import-modal.tsx')).ImportModal }));

/** Puts what a file has into the change set. */
export function ImportFile(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const mayEdit = useMayEdit();
  if (!mayEdit) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Import…
      </Button>
      {isOpen && (
        <Suspense>
          <ImportModal onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
