import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { HourCount } from '../api/replies.ts';
import classes from './changes-chart.module.css';

const LABEL_EVERY_HOURS = 12;

/** A bar for each hour, as high as there were changes. */
export function ChangesChart({ hours }: { readonly hours: readonly HourCount[] | null }): ReactNode {
  if (hours === null) {
    return (
      <Text size="sm" c="dimmed">
        Not known: the database of the server does not answer.
      </Text>
    );
  }
  const most = Math.max(1, ...hours.map(({ count }) => count));
  const total = hours.reduce((sum, { count }) => sum + count, 0);
  return (
    <figure className={classes['chart']}>
      <div className={classes['bars']} aria-hidden>
        {hours.map(({ hour, count }) => (
          <div
            key={hour}
            className={classes['hour']}
            title={`${hourText(hour)}: ${count === 1 ? '1 change' : `${count} changes`}`}
          >
            <div
              className={classes['bar']}
              data-empty={count === 0 || undefined}
              style={{ height: `${(count / most) * 100}%` }}
            />
          </div>
        ))}
      </div>
      <div className={classes['axis']} aria-hidden>
        {hours
          .filter((_, n) => n % LABEL_EVERY_HOURS === 0)
          .map(({ hour }) => (
            <span key={hour}>{hourText(hour)}</span>
          ))}
        <span>now</span>
      </div>
      <figcaption className={classes['caption']}>
        {total === 0 ? 'No changes.' : `${total === 1 ? '1 change' : `${total} changes`}, at most ${most} in an hour.`}
      </figcaption>
    </figure>
  );
}

function hourText(hour: string): string {
  return new Date(hour).toLocaleString(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
}
