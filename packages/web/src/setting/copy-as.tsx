import { SegmentedControl, Stack, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { shortened } from '../ui/shortened.ts';
import classes from './setting.module.css';
import { snippetsOf, type Snippet } from './snippets.ts';

const MOST_SHOWN = 400;
const NAMES = ['muttctl', 'curl', 'TypeScript'] as const;

/** How to read and set it from elsewhere. */
export function CopyAs({ name, value }: { readonly name: string; readonly value: string | null }): ReactNode {
  const [chosen, setChosen] = useState<Snippet['name']>('muttctl');
  const snippet = snippetsOf({ key: name, value, origin: location.origin }).find((one) => one.name === chosen);
  return (
    <section aria-labelledby="copy-as">
      <Title order={2} id="copy-as" mb="xs">
        From elsewhere
      </Title>
      <Stack gap={6}>
        <SegmentedControl
          aria-label="Copy as"
          size="xs"
          data={[...NAMES]}
          value={chosen}
          onChange={(next) => setChosen(NAMES.find((one) => one === next) ?? 'muttctl')}
        />
        <Line text={snippet?.read ?? null} label={`Copy how to read it with ${chosen}`} />
        <Line text={snippet?.write ?? null} label={`Copy how to set it with ${chosen}`} />
      </Stack>
    </section>
  );
}

function Line({ text, label }: { readonly text: string | null; readonly label: string }): ReactNode {
  if (text === null) return null;
  return (
    <div className={classes['snippet']}>
      <code>{shortened(text, MOST_SHOWN)}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
