const CR = 13;
const LF = 10;

/**
 * Cuts a stream of RESP (2 or 3) into whole frames, whatever pieces it arrives in. Only finds where frames end: what is
 * in them is handed on byte for byte.
 */
export class RespFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole with this piece. */
  push(piece: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const frames: Buffer[] = [];
    let start = 0;
    for (let end = frameEnd(this.#rest, start); end !== -1; end = frameEnd(this.#rest, start)) {
      frames.push(this.#rest.subarray(start, end));
      start = end;
    }
    this.#rest = this.#rest.subarray(start);
    return frames;
  }
}

/** The first strings (and numbers, as text) of a frame, nested ones too. */
export function wordsOf(frame: Buffer, most: number): string[] {
  const words: string[] = [];
  for (let at = 0; at < frame.length && words.length < most;) {
    const lineEnd = frame.indexOf('\r\n', at);
    const type = String.fromCharCode(frame[at] ?? 0);
    const line = frame.toString('utf8', at + 1, lineEnd);
    at = lineEnd + 2;
    if ('$=!'.includes(type) && line !== '-1') {
      words.push(frame.toString('utf8', at, at + Number(line)));
      at += Number(line) + 2;
    } else if (!'*~>%|'.includes(type)) {
      words.push(line);
    }
  }
  return words;
}

/** Where the frame that begins at `start` ends; -1 while it is not whole. */
function frameEnd(bytes: Buffer, start: number): number {
  let at = start;
  for (let missing = 1; missing > 0; missing--) {
    const lineEnd = endOfLine(bytes, at);
    if (lineEnd === -1) return -1;
    const type = String.fromCharCode(bytes[at] ?? 0);
    const length = Number(bytes.toString('latin1', at + 1, lineEnd));
    at = lineEnd + 2;
    if ('$=!'.includes(type) && length >= 0) at += length + 2;
    else if ('*~>'.includes(type) && length > 0) missing += length;
    else if (type === '%') missing += 2 * length;
    // An attribute is a map, and then what it is about.
    else if (type === '|') missing += 2 * length + 1;
    if (at > bytes.length) return -1;
  }
  return at;
}

function endOfLine(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(CR, start); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF) return at;
  }
  return -1;
}
