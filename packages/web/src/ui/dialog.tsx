import { Modal, type ModalProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useReturnFocus } from './use-return-focus.ts';

type DialogProps = Omit<ModalProps, 'opened' | 'closeButtonProps'>;

/** A dialog that is open while it is there; what opened it has the focus afterwards. */
export function Dialog(props: DialogProps): ReactNode {
  useReturnFocus();
  return <Modal opened closeButtonProps={{ 'aria-label': 'Close' }} {...props} />;
}
