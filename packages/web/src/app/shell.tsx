import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { DraftBar } from '../draft/draft-bar.tsx';
import { LiveEntriesProvider } from '../live/use-entries.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import classes from './shell.module.css';

/** The frame of all pages: where to go, who one is, whether what is shown is current. */
export function Shell(): ReactNode {
  const [isOpen, { toggle, close }] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(close, [path, close]);
  return (
    <LiveEntriesProvider>
      <a href="#main" className={classes['skip']}>
        Skip to the content
      </a>
      <AppShell
        layout="alt"
        header={{ height: { base: 48, sm: 0 } }}
        navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        transitionDuration={120}
      >
        <AppShell.Header hiddenFrom="sm" px="sm">
          <Group h="100%">
            <Burger opened={isOpen} onClick={toggle} size="sm" aria-label="Navigation" aria-expanded={isOpen} />
            <Logo />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar className={classes['navigation']}>
          <Navigation onClose={close} />
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1} className={classes['main']}>
          <ConnectionNotice />
          <div className={classes['page']}>
            <Outlet />
          </div>
          <DraftBar />
        </AppShell.Main>
      </AppShell>
      <KeyboardHelp />
    </LiveEntriesProvider>
  );
}
