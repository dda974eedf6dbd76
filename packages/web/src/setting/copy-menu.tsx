import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { copyAs } from './copy-as.ts';

interface CopyMenuProps {
  readonly settingKey: string;
  /** null: there is none that may be shown, so what is copied reads the key. */
  readonly value: string | null;
}

/** The setting as a command or as code, for elsewhere. */
export function CopyMenu({ settingKey, value }: CopyMenuProps): ReactNode {
  const copy = (label: string, text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => notifications.show({ message: `Copied as ${label}.`, color: 'gray', autoClose: 2_000 }),
      () => notifications.show({ title: 'The browser does not let the page copy', message: text, autoClose: false }),
    );
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconCopy size={14} aria-hidden />}>
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {copyAs(settingKey, value, location.origin).map(({ label, text }) => (
          <Menu.Item key={label} onClick={() => copy(label, text)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
