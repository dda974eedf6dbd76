import { createTheme, type CSSVariablesResolver, type MantineTheme } from '@mantine/core';

/** A tint and an edge of its colour; the text is as everywhere, and so are links in it. */
function calmAlert(_: MantineTheme, { color = 'gray' }: { readonly color?: string }) {
  const tone = `var(--mantine-color-${color}-6)`;
  return {
    root: {
      '--alert-bg': `color-mix(in srgb, ${tone} 8%, var(--mantine-color-body))`,
      '--alert-bd': `1px solid color-mix(in srgb, ${tone} 45%, var(--mantine-color-body))`,
      '--alert-color': 'var(--mantine-color-text)',
    },
  };
}

/** Calm: greys, one accent. The shades pass the contrast rules of WCAG AA, light and dark. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'sm',
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '1rem' } } },
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Alert: { vars: calmAlert, styles: { message: { color: 'inherit' } } },
    // What happened is read, and its title is no louder.
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, withBorder: true },
      styles: { description: { color: 'var(--mantine-color-text)' }, title: { fontWeight: 600 } },
    },
    Modal: { defaultProps: { centered: true, overlayProps: { blur: 1 } } },
  },
});

/** Dimmed text as Mantine has it is too pale on grey, and so is red text. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#59616e', '--mantine-color-error': '#c92a2a' },
  dark: {
    '--mantine-color-dimmed': '#a9abb0',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#91a7ff',
  },
});
