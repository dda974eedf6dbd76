import { useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Plotted } from './steps-of-history.ts';

const HEIGHT = 160;
const COLOURS = {
  light: { line: '#3b5bdb', fill: 'rgb(59 91 219 / 8%)', axis: '#59616e', grid: '#e9ecef' },
  dark: { line: '#91a7ff', fill: 'rgb(145 167 255 / 10%)', axis: '#a9abb0', grid: '#34373c' },
};

interface ValuePlotProps {
  readonly plotted: Plotted;
  readonly unit: string | null;
}

/** A number over time, as the steps that it went in. */
export function ValuePlot({ plotted, unit }: ValuePlotProps): ReactNode {
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = frame.current;
    if (parent === null) return undefined;
    const plot = new UPlot(optionsFor(parent.clientWidth, scheme), [[...plotted.times], [...plotted.values]], parent);
    const resizes = new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height: HEIGHT }));
    resizes.observe(parent);
    return () => {
      resizes.disconnect();
      plot.destroy();
    };
  }, [plotted, scheme]);
  return (
    <figure style={{ margin: 0 }} aria-label={`Its values over time${unit === null ? '' : `, in ${unit}`}`}>
      <div ref={frame} aria-hidden style={{ minHeight: HEIGHT }} />
      <VisuallyHidden>{inWords(plotted)}</VisuallyHidden>
    </figure>
  );
}

function optionsFor(width: number, scheme: 'light' | 'dark'): UPlot.Options {
  const { line, fill, axis, grid } = COLOURS[scheme];
  const look: UPlot.Axis = {
    stroke: axis,
    font: '11px system-ui, sans-serif',
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    axes: [
      { ...look, space: 90, values: (_, splits, __, ___, step) => splits.map((split) => timeText(split, step)) },
      { ...look, size: 56, values: (_, splits) => splits.map((split) => split.toLocaleString('en')) },
    ],
    series: [
      {},
      {
        stroke: line,
        fill,
        width: 1.5,
        points: { show: false },
        ...(UPlot.paths.stepped !== undefined && { paths: UPlot.paths.stepped({ align: 1 }) }),
      },
    ],
  };
}

function timeText(seconds: number, stepSeconds: number): string {
  const time = new Date(seconds * 1_000);
  if (stepSeconds >= 86_400) return time.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  const withSeconds = stepSeconds < 60 && ({ second: '2-digit' } as const);
  return time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', ...withSeconds });
}

function inWords({ times, values }: Plotted): string {
  const steps = times.slice(0, -1).map((time, n) => {
    const when = new Date(time * 1_000).toLocaleString();
    return `${when}: ${values[n] ?? 'not set'}`;
  });
  return `The values, the oldest first. ${steps.join('; ')}.`;
}
