import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { onSignedOut } from '../api/request.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
const router = createAppRouter(queries);

/** What the server lets inline styles in by: see its Content-Security-Policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
// Where what keeps the page from scrolling below a dialog looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** The page stays as it is until the sign-in takes its place: whatever it shows needs somebody who is signed in. */
async function askToSignIn(): Promise<void> {
  const { pathname, href } = router.latestLocation;
  if (pathname === '/sign-in') return;
  const search = href === '/' ? {} : { to: href };
  await router.navigate({ to: '/sign-in', search, replace: true, ignoreBlocker: true });
  queries.setQueryData(['session'], null);
}

export function App(): ReactNode {
  useEffect(() => onSignedOut(() => void askToSignIn()), []);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
