import type { Head } from '@mutt/dynamic-config';
import type { StreamEvent } from './stream-event.ts';

export interface EventWindowOptions {
  /** The most events that are kept. */
  readonly mostEvents: number;
  /** The most characters of keys and values in them. */
  readonly mostLength: number;
}

interface Kept {
  readonly event: StreamEvent;
  readonly length: number;
}

const EVENT_ID = /^([\w-]{1,64}):(\d{1,15})$/;

/** The events of late, so that a client that was away for a moment goes on where it stopped. */
export class EventWindow {
  readonly #options: EventWindowOptions;
  #kept: Kept[] = [];
  #length = 0;
  #head: Head;
  /** The first revision after which nothing is missing here. */
  #leastRevision: number;

  /** @param head where the namespace stands. What was before is not known, nor what was written past us since. */
  constructor(head: Head, options: EventWindowOptions) {
    this.#options = options;
    this.#head = head;
    this.#leastRevision = head.revision + 1;
  }

  add(event: StreamEvent): void {
    const before = this.#head;
    this.#head = event.head;
    if (event.type === 'reset' || event.head.epoch !== before.epoch) {
      this.#restart(event, before);
      return;
    }
    const length = lengthOf(event);
    this.#kept.push({ event, length });
    this.#length += length;
    this.#forget();
  }

  /**
   * What came after the event with this id; null when it is not known whether that is all. What was written past us has
   * no revision of its own, so it may be told again.
   */
  since(lastEventId: string): readonly StreamEvent[] | null {
    const [, epoch, digits] = EVENT_ID.exec(lastEventId) ?? [];
    const revision = Number(digits);
    if (epoch === undefined || epoch !== this.#head.epoch) return null;
    if (revision < this.#leastRevision || revision > this.#head.revision) return null;
    const isAfter = ({ head, type }: StreamEvent): boolean =>
      head.revision > revision || (head.revision === revision && type === 'observed');
    return this.#kept.map(({ event }) => event).filter(isAfter);
  }

  /** What was before is another history, or part of it was never told. */
  #restart({ type, head }: StreamEvent, before: Head): void {
    this.#kept = [];
    this.#length = 0;
    // A store that lost writes counts the same revisions again: an id cannot tell the two histories apart.
    const toldBefore = head.epoch === before.epoch ? Math.max(before.revision, this.#leastRevision - 1) : 0;
    this.#leastRevision = type === 'reset' ? Math.max(head.revision, toldBefore + 1) : head.revision;
  }

  #forget(): void {
    const { mostEvents, mostLength } = this.#options;
    let count = 0;
    while (this.#kept.length - count > mostEvents || this.#length > mostLength) {
      const oldest = this.#kept[count++];
      if (oldest === undefined) break;
      this.#length -= oldest.length;
      const { head, type } = oldest.event;
      this.#leastRevision = Math.max(this.#leastRevision, type === 'observed' ? head.revision + 1 : head.revision);
    }
    this.#kept.splice(0, count);
  }
}

function lengthOf(event: StreamEvent): number {
  const parts = event.type === 'commit' ? event.commit.changes : event.type === 'observed' ? event.changes : [];
  const keys = event.type === 'invalidated' ? event.keys : parts.map(({ key }) => key);
  const texts = [...keys, ...parts.map(({ value }) => value ?? '')];
  return texts.reduce((sum, text) => sum + text.length, 0);
}
