import type { Loss } from './replica/replica.ts';
import type { Alarm } from './status.ts';

/** A loss stays the same for hours. */
const made = new WeakMap<Loss, Alarm>();

/** The alarm that a loss raises. Made once for each. */
export function alarmOf(loss: Loss): Alarm {
  const alarm = made.get(loss) ?? toAlarm(loss);
  made.set(loss, alarm);
  return alarm;
}

function toAlarm({ head: { epoch, revision }, keys }: Loss): Alarm {
  const message =
    `The store has lost ${keys.size} ${keys.size === 1 ? 'entry' : 'entries'} that this instance knows from revision ` +
    `${revision}: it came back empty. Their values are kept. Put them back with restore(), or give them up with acceptLoss().`;
  // The loss goes on without what is set meanwhile.
  const lost = [...keys];
  let sorted: readonly string[] | null = null;
  return Object.freeze({
    code: 'store_emptied' as const,
    message,
    /** Sorted when somebody wants to see them: of 100,000, that takes longer than all else. */
    get keys() {
      return (sorted ??= Object.freeze(lost.toSorted()));
    },
    epoch,
    revision,
  });
}
