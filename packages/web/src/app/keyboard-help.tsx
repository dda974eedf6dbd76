import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';

const KeyboardHelpModal = lazy(async () => ({
  default: (await import('./keyboard-help-modal.tsx')).KeyboardHelpModal,
}));

/** `?` shows what the keyboard does, and the digits go to the pages. */
export function KeyboardHelp(): ReactNode {
  const [isOpen, { toggle, close }] = useDisclosure();
  const navigate = useNavigate();
  useHotkeys([
    ['shift+?', toggle],
    ['1', () => void navigate({ to: '/' })],
    ['2', () => void navigate({ to: '/overview' })],
    ['3', () => void navigate({ to: '/activity' })],
    ['4', () => void navigate({ to: '/audit' })],
    ['5', () => void navigate({ to: '/access' })],
  ]);
  return (
    isOpen && (
      <Suspense>
        <KeyboardHelpModal onClose={close} />
      </Suspense>
    )
  );
}
