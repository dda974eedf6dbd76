import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { OverviewReply, Problem } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { useLiveEntries } from '../live/use-entries.tsx';
import { useSession } from '../session/use-session.ts';

/** Where one can look closer at a problem, by its code. */
const LINKS: Readonly<Record<string, ReactNode>> = {
  values_invalid: (
    <Link to="/" search={{ show: 'invalid' }}>
      Show them
    </Link>
  ),
  written_directly: (
    <Link to="/audit" search={{ source: 'out-of-band' }}>
      Show the records
    </Link>
  ),
  audit_gaps: (
    <Link to="/audit" search={{ operation: 'GAP' }}>
      Show the records
    </Link>
  ),
};

/** What is wrong, in plain words, and what to do: the worst first. */
export function ProblemList({ problems, alarm }: Pick<OverviewReply, 'problems' | 'alarm'>): ReactNode {
  if (problems.length === 0) return null;
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label="What needs attention">
      {problems.map((problem) => (
        <li key={problem.code}>
          <ProblemNotice problem={problem} />
          {problem.code === 'store_emptied' && alarm !== null && <Restore keys={alarm.keys} />}
        </li>
      ))}
    </Stack>
  );
}

function ProblemNotice({
  problem: { code, severity, sentence, what_to_do: advice },
}: {
  readonly problem: Problem;
}): ReactNode {
  return (
    <Alert
      color={severity === 'critical' ? 'red' : 'yellow'}
      icon={<IconAlertTriangle size={16} aria-hidden />}
      title={sentence}
      py="xs"
    >
      <Text size="sm">
        {advice} {LINKS[code]}
      </Text>
    </Alert>
  );
}

/** Puts back what an emptied store lost: for admins, after a second look. */
function Restore({ keys }: { readonly keys: number }): ReactNode {
  const { role } = useSession();
  const live = useLiveEntries();
  const [isSure, setSure] = useState(false);
  if (role !== 'admin') return null;
  const restore = async (): Promise<void> => {
    try {
      await request('/restore', { method: 'POST', body: { reason: 'Restored in the web UI' } });
      live.refresh();
    } catch (error) {
      showFailure('Nothing was restored', error);
    }
    setSure(false);
  };
  return (
    <Group gap="xs" mt="xs">
      {isSure ? (
        <>
          <Button onClick={() => void restore()}>Put {keys} values back for the whole fleet</Button>
          <Button variant="default" onClick={() => setSure(false)}>
            Cancel
          </Button>
        </>
      ) : (
        <>
          <Button variant="default" onClick={() => setSure(true)}>
            Put them back …
          </Button>
          <Text size="xs" c="dimmed">
            or <Code>muttctl restore</Code>
          </Text>
        </>
      )}
    </Group>
  );
}
