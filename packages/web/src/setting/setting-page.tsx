import { Anchor, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useEntries, useLiveEntries } from '../live/use-entries.tsx';
import { problemWithKey } from '../settings/key-rule.ts';
import { useSetting } from '../settings/use-settings.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { CopyAs } from './copy-as.tsx';
import { CurrentValue } from './current-value.tsx';
import { History } from './history.tsx';
import { SettingFacts } from './setting-facts.tsx';
import { SettingNotices } from './setting-notices.tsx';
import classes from './setting.module.css';

const route = getRouteApi('/signed-in/setting');

/** One setting: what it is, what it holds, what happened to it. */
export function SettingPage(): ReactNode {
  const { key } = route.useSearch();
  const problem = problemWithKey(key);
  if (problem !== null) return <Page title="There is no such setting">{problem}</Page>;
  // Nothing of one setting is left over for the next.
  return <Setting key={key} name={key} />;
}

function Setting({ name }: { readonly name: string }): ReactNode {
  const { byKey, error } = useEntries();
  const live = useLiveEntries();
  const declared = useSetting(name);
  const entry = byKey?.get(name);
  const setting = declared ?? null;
  const isMasked = entry?.masked === true || setting?.secret === true;
  const shownValue = isMasked ? null : (entry?.value ?? setting?.default ?? null);
  return (
    <Page
      before={
        <Anchor component={Link} to="/" size="sm">
          ← All settings
        </Anchor>
      }
      title={name}
      isKey
      beside={<CopyButton text={name} label="Copy the key" />}
      about={setting?.description ?? undefined}
    >
      {byKey === null && error !== null ? (
        <FailureNotice error={error} retry={() => live.refresh()} />
      ) : byKey === null || declared === undefined ? (
        <Loading />
      ) : (
        <div className={classes['columns']}>
          <div className={classes['main']}>
            <SettingNotices {...{ name, entry, setting }} />
            <CurrentValue {...{ name, entry, setting }} />
            <History {...{ name, entry, setting, isMasked }} />
          </div>
          <div className={classes['side']}>
            <section aria-labelledby="about">
              <Title order={2} id="about" mb="xs">
                About
              </Title>
              <SettingFacts setting={setting} />
            </section>
            <CopyAs name={name} value={shownValue} />
          </div>
        </div>
      )}
    </Page>
  );
}
