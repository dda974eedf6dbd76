import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { draft } from '../draft/use-draft.ts';
import { sessionQuery } from '../session/use-session.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { NotFound } from './not-found.tsx';
import { parseSearch, stringifySearch } from './search-text.ts';
import { Shell } from './shell.tsx';

interface RouterContext {
  readonly queries: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string } => textsOf(search, ['to']),
  component: lazyRouteComponent(async () => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
});

/** All that needs somebody who is signed in. */
const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  async beforeLoad({ context, location }) {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session !== null) {
      draft.belongTo(session.name);
      return;
    }
    redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href }, throw: true });
  },
  component: Shell,
  errorComponent: ({ error, reset }) => (
    <FailureNotice error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
  ),
});

const overviewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/overview',
  component: lazyRouteComponent(async () => import('../overview/overview-page.tsx'), 'OverviewPage'),
});

const SETTINGS_FILTERS = ['q', 'show', 'service'] as const;

const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { [Name in (typeof SETTINGS_FILTERS)[number]]?: string } =>
    textsOf(search, SETTINGS_FILTERS),
  component: lazyRouteComponent(async () => import('../settings/settings-page.tsx'), 'SettingsPage'),
});

/** The key is a query, not a part of the path: keys hold slashes, and may be `.` and `..`. */
const settingRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/setting',
  validateSearch: (search: Record<string, unknown>): { key: string } => ({ key: textOf(search['key']) ?? '' }),
  component: lazyRouteComponent(async () => import('../setting/setting-page.tsx'), 'SettingPage'),
});

const AUDIT_FILTERS = ['key', 'actor', 'operation', 'source', 'from', 'to', 'text'] as const;

/** The filters of the audit trail, in the names of its API. */
export type AuditSearch = { [Name in (typeof AUDIT_FILTERS)[number]]?: string };

const activityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/activity',
  validateSearch: (search: Record<string, unknown>): AuditSearch => textsOf(search, AUDIT_FILTERS),
  component: lazyRouteComponent(async () => import('../activity/activity-page.tsx'), 'ActivityPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch & { record?: number } => {
    const id = Number(search['record'] ?? '');
    return { ...textsOf(search, AUDIT_FILTERS), ...(Number.isSafeInteger(id) && id > 0 && { record: id }) };
  },
  component: lazyRouteComponent(async () => import('../audit/audit-page.tsx'), 'AuditPage'),
});

const accessRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/access',
  validateSearch: (search: Record<string, unknown>): { part?: string } => textsOf(search, ['part']),
  component: lazyRouteComponent(async () => import('../access/access-page.tsx'), 'AccessPage'),
});

const tree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([settingsRoute, settingRoute, overviewRoute, activityRoute, auditRoute, accessRoute]),
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    parseSearch,
    stringifySearch,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf<Name extends string>(
  search: Record<string, unknown>,
  names: readonly Name[],
): { [One in Name]?: string } {
  const texts = names.flatMap((name) => {
    const text = textOf(search[name]);
    return text === undefined || text === '' ? [] : [[name, text]];
  });
  return Object.fromEntries(texts) as { [One in Name]?: string };
}
