const NEWLINE = 0x0a;
/** `123 <`: RFC 6587 counts octets, and what is counted begins with a priority. A line may begin with a number, too. */
const COUNT = /^([1-9]\d{0,6}) </;
const MAY_BECOME_COUNT = /^[1-9]\d{0,6} ?$/;
const COUNT_LENGTH = '1234567 <'.length;

/**
 * Cuts a TCP stream into messages: by octet counting, or at newlines, whichever each message is sent with (RFC 6587).
 *
 * It never holds more than the longest message and one chunk: of what is longer, the beginning is the message, and the
 * rest is passed over.
 */
export class SyslogFramer {
  readonly #longest: number;
  #rest: Buffer = Buffer.alloc(0);
  /** Where `#rest` has been searched for a newline. */
  #searched = 0;
  /** What is to be passed over of a message too long: so many octets, or up to the newline. */
  #skip: number | 'line' = 0;
  /** Messages that were too long. */
  cut = 0;

  constructor({ longest }: { readonly longest: number }) {
    this.#longest = longest;
  }

  /** The messages that are complete with this chunk. Empty lines are none. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (this.#passOver()) {
      const count = this.#readCount();
      if (count === 'unknown') break;
      const message = count === null ? this.#takeLine() : this.#takeCounted(count);
      if (message === null) break;
      if (message.length > 0) messages.push(message);
    }
    return messages;
  }

  /** The stream has ended: what there is of the last message. */
  end(): Buffer[] {
    const rest = this.#skip === 0 ? this.#rest : Buffer.alloc(0);
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? [rest] : [];
  }

  /** False: all that is here was passed over. */
  #passOver(): boolean {
    if (this.#skip === 'line') {
      const newline = this.#rest.indexOf(NEWLINE);
      if (newline !== -1) this.#skip = 0;
      this.#drop(newline === -1 ? this.#rest.length : newline + 1);
    } else {
      const skipped = Math.min(this.#skip, this.#rest.length);
      this.#skip -= skipped;
      this.#drop(skipped);
    }
    return this.#rest.length > 0;
  }

  /** How many octets the next message has and where they begin; null: it is a line. */
  #readCount(): { readonly start: number; readonly length: number } | 'unknown' | null {
    const beginning = this.#rest.toString('latin1', 0, COUNT_LENGTH);
    const length = COUNT.exec(beginning)?.[1];
    if (length !== undefined) return { start: length.length + 1, length: Number(length) };
    return this.#rest.length < COUNT_LENGTH && MAY_BECOME_COUNT.test(beginning) ? 'unknown' : null;
  }

  #takeCounted({ start, length }: { readonly start: number; readonly length: number }): Buffer | null {
    const taken = Math.min(length, this.#longest);
    if (this.#rest.length < start + taken) return null;
    const message = this.#rest.subarray(start, start + taken);
    if (taken < length) {
      this.cut++;
      this.#skip = length - taken;
    }
    this.#drop(start + taken);
    return message;
  }

  #takeLine(): Buffer | null {
    const newline = this.#rest.indexOf(NEWLINE, this.#searched);
    const length = newline === -1 ? this.#rest.length : newline;
    if (newline === -1 && length <= this.#longest) {
      this.#searched = length;
      return null;
    }
    const message = this.#rest.subarray(0, Math.min(length, this.#longest));
    if (length > this.#longest) this.cut++;
    if (newline === -1) this.#skip = 'line';
    this.#drop(newline === -1 ? length : newline + 1);
    return message;
  }

  #drop(length: number): void {
    this.#rest = this.#rest.subarray(length);
    this.#searched = 0;
  }
}
