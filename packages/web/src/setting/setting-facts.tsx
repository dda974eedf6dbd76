import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeclaredSetting } from '../api/replies.ts';
import { ValueText } from '../ui/value-text.tsx';
import classes from './setting.module.css';
import { ruleWords, UNDECLARED } from './rule-words.ts';

/** What services say of a setting. */
export function SettingFacts({ setting }: { readonly setting: DeclaredSetting | null }): ReactNode {
  if (setting === null) {
    return (
      <Text size="sm" c="dimmed">
        {UNDECLARED}
      </Text>
    );
  }
  return (
    <dl className={classes['facts']}>
      <Fact name="Takes">{ruleWords(setting)}</Fact>
      <Fact name="Default">{setting.secret ? '••••••' : <ValueText value={setting.default} setting={setting} />}</Fact>
      <Fact name="Declared by">
        {setting.declared_by.map(({ service, version }) => (
          <div key={`${service} ${version}`}>
            {service} <span className={classes['faint']}>{version}</span>
          </div>
        ))}
      </Fact>
      {setting.requires_restart && <Fact name="Takes effect">after a restart of its services</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
