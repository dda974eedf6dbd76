import { Tabs, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useManagesAccess } from '../session/use-session.ts';
import { Page } from '../ui/page.tsx';
import { KeyList } from './key-list.tsx';
import { OwnAccess } from './own-access.tsx';
import { RoleTable } from './role-table.tsx';
import { SessionList } from './session-list.tsx';
import { UserList } from './user-list.tsx';

const route = getRouteApi('/signed-in/access');

/** Who may do what: oneself, and for admins without limits everybody. */
export function AccessPage(): ReactNode {
  return useManagesAccess() ? <EverybodysAccess /> : <YourAccess />;
}

function YourAccess(): ReactNode {
  return (
    <Page title="Your access">
      <OwnAccess />
      <section>
        <Title order={2} mb="xs" mt="md">
          Roles
        </Title>
        <RoleTable />
      </section>
    </Page>
  );
}

const PARTS: readonly (readonly [part: string, name: string, content: ReactNode])[] = [
  ['users', 'Users', <UserList key="users" />],
  ['keys', 'API keys', <KeyList key="keys" />],
  ['sessions', 'Sessions', <SessionList key="sessions" of="everybody" />],
  ['roles', 'Roles', <RoleTable key="roles" />],
  ['own', 'Your access', <OwnAccess key="own" />],
];

const FIRST_PART = 'users';

/** Which part is shown is in the address of the page, so that it can be shared. */
function EverybodysAccess(): ReactNode {
  const { part } = route.useSearch();
  const navigate = route.useNavigate();
  const shown = PARTS.find(([id]) => id === part)?.[0] ?? FIRST_PART;
  const show = (id: string | null): void =>
    void navigate({ search: id === null || id === FIRST_PART ? {} : { part: id }, replace: true });
  return (
    <Page title="Access" about="People sign in with a password; programs come with an API key.">
      <Tabs value={shown} onChange={show} keepMounted={false}>
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto' }} aria-label="Parts of this page">
          {PARTS.map(([id, name]) => (
            <Tabs.Tab key={id} value={id} px="sm" py={8}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PARTS.map(([id, , content]) => (
          <Tabs.Panel key={id} value={id} pt="sm">
            {content}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
