import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { legible } from './legible.ts';
import classes from './setting-link.module.css';

/** A key, which leads to its page. */
export function SettingLink({ name }: { readonly name: string }): ReactNode {
  return (
    <Link to="/setting" search={{ key: name }} className={classes['key']}>
      {legible(name)}
    </Link>
  );
}
