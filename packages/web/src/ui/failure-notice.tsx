import { Alert, Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';

/** What could not be shown, and why; with a way to try again. */
export function FailureNotice({ error, retry }: { readonly error: Error; readonly retry?: () => void }): ReactNode {
  return (
    <Alert color="red" title="This could not be loaded" role="alert">
      <Text size="sm">{error.message}</Text>
      {error instanceof ApiError && error.correlationId !== null && (
        <Text size="xs" c="dimmed">
          Correlation id: {error.correlationId}
        </Text>
      )}
      {retry !== undefined && (
        <Button variant="default" mt="xs" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
