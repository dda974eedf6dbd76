import { ActionIcon, AppShell, Burger, Group, NavLink, Text, useMantineColorScheme } from '@mantine/core';
import { useComputedColorScheme } from '@mantine/core';
import {
  IconAdjustmentsHorizontal,
  IconGauge,
  IconHistory,
  IconLogout,
  IconMoon,
  IconShieldCheck,
  IconSun,
  IconUsers,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { useManagesAccess, useSession } from '../session/use-session.ts';
import { Logo } from './logo.tsx';

const PAGES = [
  { to: '/', label: 'Settings', icon: IconAdjustmentsHorizontal, also: ['/setting'] },
  { to: '/overview', label: 'Overview', icon: IconGauge, also: [] },
  { to: '/activity', label: 'Activity', icon: IconHistory, also: [] },
  { to: '/audit', label: 'Audit', icon: IconShieldCheck, also: [] },
] as const;

/** Where to go, and who one is. */
export function Navigation({ onClose }: { readonly onClose: () => void }): ReactNode {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const managesAccess = useManagesAccess();
  return (
    <>
      <AppShell.Section p="sm" visibleFrom="sm">
        <Logo />
      </AppShell.Section>
      <AppShell.Section p="sm" hiddenFrom="sm">
        <Group>
          <Burger opened onClick={onClose} size="sm" aria-label="Close the navigation" />
          <Logo />
        </Group>
      </AppShell.Section>
      <AppShell.Section grow component="nav" aria-label="Pages" px={6}>
        {PAGES.map(({ to, label, icon: Icon, also }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            active={path === to || (also as readonly string[]).includes(path)}
            aria-current={path === to ? 'page' : undefined}
            leftSection={<Icon size={16} stroke={1.7} />}
            style={{ borderRadius: 6 }}
            py={6}
          />
        ))}
        <NavLink
          component={Link}
          to="/access"
          label={managesAccess ? 'Access' : 'Your access'}
          active={path === '/access'}
          aria-current={path === '/access' ? 'page' : undefined}
          leftSection={<IconUsers size={16} stroke={1.7} />}
          style={{ borderRadius: 6 }}
          py={6}
        />
      </AppShell.Section>
      <AppShell.Section p="sm">
        <Account />
      </AppShell.Section>
    </>
  );
}

function Account(): ReactNode {
  const { name, role } = useSession();
  const queries = useQueryClient();
  const router = useRouter();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const signOut = async (): Promise<void> => {
    try {
      await request('/session', { method: 'DELETE' });
    } catch (error) {
      showFailure('You are still signed in', error);
      return;
    }
    await router.navigate({ to: '/sign-in' });
    queries.clear();
  };
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Group justify="space-between" wrap="nowrap" gap={4}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {role}
        </Text>
      </div>
      <Group gap={2} wrap="nowrap">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Use the ${other} colours`}
          title={`Use the ${other} colours`}
          onClick={() => setColorScheme(other)}
        >
          {scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label="Sign out" title="Sign out" onClick={() => void signOut()}>
          <IconLogout size={16} />
        </ActionIcon>
      </Group>
    </Group>
  );
}
