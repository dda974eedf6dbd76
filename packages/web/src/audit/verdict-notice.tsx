import { Anchor, CloseButton, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { TextLink } from '../ui/text-link.tsx';
import type { ReactNode } from 'react';
import type { Verdict } from './verdict.ts';
import classes from './verdict-notice.module.css';

interface VerdictNoticeProps {
  readonly verdict: Verdict;
  readonly onOpen: (id: number) => void;
  readonly onClose: () => void;
}

/** What a verification found: green, or red with the first record that is not as it was written, and what to do. */
export function VerdictNotice({ verdict, onOpen, onClose }: VerdictNoticeProps): ReactNode {
  const { ok, sentence, more, recordId, hash, gaps } = verdict;
  const Icon = ok ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes['notice']} data-ok={ok} role={ok ? 'status' : 'alert'}>
      <Icon size={18} className={classes['icon']} aria-hidden />
      <div className={classes['words']}>
        <Text size="sm" fw={600}>
          {ok ? sentence : `Not as it was written. ${sentence}`}
        </Text>
        {more.map((line) => (
          <Text key={line} size="sm">
            {line}
          </Text>
        ))}
        {ok && hash !== '' && (
          <Text size="xs" c="dimmed">
            Hash of the last record: <span className={classes['hash']}>{hash}</span>
          </Text>
        )}
        {recordId !== null && (
          <Anchor component="button" size="sm" onClick={() => onOpen(recordId)}>
            Open record {recordId}
          </Anchor>
        )}
        {ok && gaps > 0 && (
          <TextLink size="sm" to="/audit" search={{ operation: 'GAP' }}>
            Show the gaps
          </TextLink>
        )}
      </div>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onClose} />
    </div>
  );
}
