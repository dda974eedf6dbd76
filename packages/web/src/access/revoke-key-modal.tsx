import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiKey } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { FormModal } from './form-modal.tsx';
import { useAccessChanged } from './use-access.ts';

interface RevokeKeyModalProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}

/** Asks once more, and says whether somebody seems to need the key. */
export function RevokeKeyModal({
  apiKey: { id, name, last_used_at: usedAt },
  onClose,
}: RevokeKeyModalProps): ReactNode {
  const changed = useAccessChanged();
  const revoke = async (): Promise<void> => {
    await request(`/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
    await changed();
  };
  return (
    <FormModal title={`Revoke ${name}`} submit="Revoke" isDangerous onClose={onClose} onSubmit={revoke}>
      <Text size="sm">
        From this moment the key opens nothing, and what it holds open ends. There is no way back.{' '}
        {usedAt === null ? 'It was never used.' : <>It was used last {<TimeAgo time={usedAt} />}.</>}
      </Text>
    </FormModal>
  );
}
