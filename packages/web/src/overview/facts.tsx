import type { ReactNode } from 'react';
import type { OverviewReply } from '../api/replies.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './facts.module.css';

const STATES: Readonly<Record<OverviewReply['state'], string>> = {
  live: 'live: changes are pushed',
  polling: 'polling: direct writes take seconds',
  stale: 'stale: not proven current',
  offline: 'offline',
};

/** Counts and states, a line each. */
export function Facts({ overview }: { readonly overview: OverviewReply }): ReactNode {
  const { state, components, keys, declared, unset, undeclared, drift, audit } = overview;
  return (
    <dl className={classes['facts']}>
      <Fact name="Store" isBad={state === 'stale' || state === 'offline'}>
        {STATES[state]}
      </Fact>
      {Object.entries(components)
        .filter(([name]) => name !== 'store')
        .map(([name, { status }]) => (
          <Fact key={name} name={name === 'audit' ? 'Audit trail' : capital(name)} isBad={status !== 'up'}>
            {status}
          </Fact>
        ))}
      <Fact name="Settings with a value">{keys.toLocaleString('en')}</Fact>
      <Fact name="Declared">
        {declared.toLocaleString('en')}
        {unset > 0 && `, ${unset} at their default`}
      </Fact>
      {undeclared > 0 && <Fact name="Undeclared">{undeclared.toLocaleString('en')}</Fact>}
      {drift !== null && <Fact name="Written directly, 24 h">{drift.out_of_band}</Fact>}
      {audit !== null && (
        <>
          <Fact name="Audit backlog" isBad={(audit.backlog ?? 0) > 1_000}>
            {audit.backlog ?? 'not known'}
          </Fact>
          <Fact name="Last recorded">
            {audit.last_recorded_at === null ? 'never' : <TimeAgo time={audit.last_recorded_at} />}
          </Fact>
        </>
      )}
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly isBad?: boolean;
  readonly children: ReactNode;
}

function Fact({ name, isBad = false, children }: FactProps): ReactNode {
  return (
    <div className={classes['fact']}>
      <dt>{name}</dt>
      <dd data-bad={isBad || undefined}>{children}</dd>
    </div>
  );
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
