import type { Filter, Frame, ProxyLink } from './tcp-proxy.ts';

const PUSHES = new Set(['message', 'invalidate']);

const isPush = ({ push }: Frame): boolean => push !== null && PUSHES.has(push);

/** Loses every nth push; 1: all of them. */
export function dropPushes(every: number, onDropped: () => void = () => {}): Filter {
  let count = 0;
  return (frame) => {
    if (!isPush(frame) || ++count % every !== 0) return [frame.bytes];
    onDropped();
    return [];
  };
}

/** Delivers pushes `times` over. */
export function repeatPushes(times: number): Filter {
  return (frame) => (isPush(frame) ? Array<Buffer>(times).fill(frame.bytes) : [frame.bytes]);
}

/** Holds each push back for up to `mostMs`, and so lets later pushes and replies overtake it. */
export function shufflePushes(random: () => number, mostMs: number): Filter {
  return (frame, link) => {
    if (!isPush(frame)) return [frame.bytes];
    setTimeout(() => link.answer(frame.bytes), random() * mostMs);
    return [];
  };
}

/** Holds back the replies to reads until a push of another write has overtaken them (or nothing came for `mostMs`). */
export function delayRepliesPastPush(
  isRead: (command: readonly string[]) => boolean,
  push: 'message' | 'invalidate',
  mostMs: number,
  onOvertaken: () => void,
): Filter {
  const held = new Map<ProxyLink, Buffer[]>();
  const release = (link: ProxyLink): Buffer[] => {
    const frames = held.get(link) ?? [];
    held.delete(link);
    return frames;
  };
  return (frame, link) => {
    const waiting = held.get(link);
    if (frame.push === push && waiting !== undefined) {
      onOvertaken();
      return [frame.bytes, ...release(link)];
    }
    if (frame.push !== null) return [frame.bytes];
    if (waiting === undefined && !isRead(frame.command)) return [frame.bytes];
    // Replies stay in order among themselves: each is told by its place.
    if (waiting !== undefined) waiting.push(frame.bytes);
    else {
      held.set(link, [frame.bytes]);
      setTimeout(() => release(link).forEach((bytes) => link.answer(bytes)), mostMs);
    }
    return [];
  };
}

/** Holds back the first reply to a read, and the replies behind it, until it is released: pushes overtake them. */
export function holdReply(isRead: (command: readonly string[]) => boolean): {
  readonly filter: Filter;
  readonly isHeld: () => boolean;
  readonly release: () => void;
} {
  let link: ProxyLink | null = null;
  let isReleased = false;
  const held: Buffer[] = [];
  return {
    filter: (frame, from) => {
      if (link === null && isRead(frame.command)) link = from;
      if (isReleased || from !== link || frame.push !== null) return [frame.bytes];
      held.push(frame.bytes);
      return [];
    },
    isHeld: () => held.length > 0,
    release: () => {
      isReleased = true;
      for (const bytes of held.splice(0)) link?.answer(bytes);
    },
  };
}
