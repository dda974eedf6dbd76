import type { Loss } from './replica/replica.ts';
import type { Alarm } from './status.ts';

/** Sorting 100,000 keys takes longer than all else that `status()` does, and a loss stays the same for hours. */
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
  const sorted = Object.freeze([...keys].toSorted());
  return Object.freeze({ code: 'store_emptied', message, keys: sorted, epoch, revision });
}
