/** One server-sent event. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/** Parses `text/event-stream` as it arrives, in pieces of any size. Ids and retry hints are of no use here. */
export class EventStreamParser {
  /** The beginning of a line whose end has not arrived. */
  #rest = '';
  #type = '';
  #data: string[] = [];

  /** Takes the next piece, and returns the events that it completes. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    if (!/[\r\n]/.test(text) && !this.#rest.endsWith('\r')) {
      // In the middle of a long line: to look for its end in all of it, piece after piece, would take for ever.
      this.#rest += text;
      return events;
    }
    // A trailing CR may be half of a CRLF: it waits for what follows.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') this.#complete(events);
      else this.#take(line);
    }
    return events;
  }

  #take(line: string): void {
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment: its field is the empty string.
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    if (field === 'data') this.#data.push(value);
  }

  #complete(events: ServerSentEvent[]): void {
    if (this.#data.length > 0) events.push({ type: this.#type || 'message', data: this.#data.join('\n') });
    this.#type = '';
    this.#data = [];
  }
}
