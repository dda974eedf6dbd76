import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../ui/page.tsx';

const route = getRouteApi('/signed-in/setting');

export function SettingPage(): ReactNode {
  const { key } = route.useSearch();
  return <Page title={key}>{null}</Page>;
}
