import { memo, type ReactNode } from 'react';
import classes from './sparkline.module.css';
import { stepPath, withCurrent } from './step-path.ts';
import { useTrend } from './use-trends.ts';

const WIDTH = 76;
const HEIGHT = 16;

interface SparklineProps {
  readonly settingKey: string;
  readonly value: string;
  readonly revision: number;
}

/** The last numbers of a key as steps. It says nothing that the history does not say in words. */
export const Sparkline = memo(function Sparkline({ settingKey, value, revision }: SparklineProps): ReactNode {
  const numbers = withCurrent(useTrend(settingKey, revision), value);
  const path = stepPath(numbers, WIDTH, HEIGHT);
  if (path === null) return null;
  return (
    <svg
      className={classes['sparkline']}
      width={WIDTH}
      height={HEIGHT + 2}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      aria-hidden
    >
      <title>{`The last values: ${numbers.join(', ')}`}</title>
      <path d={path} />
    </svg>
  );
});

/** Whether a value may have a line of numbers at all. */
export function isNumeric(value: string): boolean {
  return /^-?\d[\d.]*(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value));
}
