import { Anchor, type AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef, ReactNode } from 'react';

type PlainAnchorProps = AnchorProps & Omit<ComponentPropsWithRef<'a'>, keyof AnchorProps>;

function PlainAnchor(props: PlainAnchorProps): ReactNode {
  return <Anchor {...props} />;
}

/** A link to a page of ours, in the look of links. */
export const TextLink = createLink(PlainAnchor);
