import { Grid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { OverviewReply } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import { shortened } from '../ui/shortened.ts';
import { ChangesChart } from './changes-chart.tsx';
import { Facts } from './facts.tsx';
import { InstanceTable } from './instance-table.tsx';
import { LatestChanges } from './latest-changes.tsx';
import { ProblemList } from './problem-list.tsx';
import { useOverview } from './use-overview.ts';

/** How it goes: what is wrong and what to do, what changed, who is connected. */
export function OverviewPage(): ReactNode {
  const overview = useOverview();
  if (overview.isPending) return <Loading />;
  if (overview.isError) {
    return (
      <Page title="Overview">
        <FailureNotice error={overview.error} retry={() => void overview.refetch()} />
      </Page>
    );
  }
  const { data } = overview;
  return (
    <Page title="Overview" about={sentenceOf(data)}>
      <ProblemList problems={data.problems} alarm={data.alarm} />
      <Grid gap="xl" mt={data.problems.length === 0 ? 0 : 'sm'}>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="xl">
            <Section title="Changes in 48 hours">
              <ChangesChart hours={data.changes_per_hour} />
            </Section>
            <Section title="Latest changes" more={<Link to="/activity">All activity</Link>}>
              <LatestChanges />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="xl">
            <Section title="State">
              <Facts overview={data} />
            </Section>
            <InvalidValues invalid={data.invalid} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={12}>
          <Section title="Who is connected">
            <InstanceTable />
          </Section>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function sentenceOf({ problems, keys, revision }: OverviewReply): string {
  const settings = `${keys.toLocaleString('en')} ${keys === 1 ? 'setting' : 'settings'}, revision ${revision}`;
  if (problems.length === 0) return `All is well: ${settings}.`;
  return `${problems.length === 1 ? 'One thing needs' : `${problems.length} things need`} attention: ${settings}.`;
}

interface SectionProps {
  readonly title: string;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}

function Section({ title, more, children }: SectionProps): ReactNode {
  return (
    <section>
      <Title order={2} mb="xs">
        {title}
        {more !== undefined && (
          <Text span size="xs" ml="sm" fw={400} c="dimmed">
            {more}
          </Text>
        )}
      </Title>
      {children}
    </section>
  );
}

function InvalidValues({ invalid: { count, values } }: Pick<OverviewReply, 'invalid'>): ReactNode {
  if (count === 0) return null;
  return (
    <Section title="Invalid values">
      <Stack gap="xs">
        {values.slice(0, 10).map(({ key, value, rule }) => (
          <div key={key}>
            <SettingLink name={key} />{' '}
            <Text span ff="monospace" size="sm" style={{ overflowWrap: 'anywhere' }}>
              <bdi>{shortened(value, 60)}</bdi>
            </Text>
            <Text size="xs" c="dimmed">
              {shortened(rule, 300)}
            </Text>
          </div>
        ))}
        {count > 10 && (
          <Text size="sm">
            <Link to="/" search={{ show: 'invalid' }}>
              All {count}
            </Link>
          </Text>
        )}
      </Stack>
    </Section>
  );
}
