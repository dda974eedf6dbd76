import type { Socket } from 'node:net';
import { SyslogFramer } from './syslog-framer.ts';

export interface ConnectionOptions {
  /** The stream is not read on until this resolves. */
  readonly onMessage: (message: Buffer, sender: string) => Promise<void>;
  /** In bytes: of messages that are longer only the beginning is kept. */
  readonly longest: number;
  /** A connection on which nothing comes for so long is closed. */
  readonly idleMs: number;
}

/** Somebody who sends syslog by TCP, and never gets an answer. */
export class SyslogConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #sender: string;
  readonly #framer: SyslogFramer;
  #isWorking = false;
  #isStopping = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#sender = socket.remoteAddress ?? '';
    this.#framer = new SyslogFramer(options);
    socket.setTimeout(options.idleMs, () => {
      const { bytesRead } = socket;
      // What came while this process was busy is read before.
      setImmediate(() => {
        // While it is us who don't read, the sender is not to blame.
        if (this.#isWorking || socket.bytesRead > bytesRead) socket.setTimeout(options.idleMs);
        else socket.destroy();
      });
    });
  }

  /** Resolves when it has ended, whichever way, with how many messages were too long. */
  async read(): Promise<number> {
    try {
      const chunks = this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of chunks) {
        await this.#take(this.#framer.push(chunk));
        if (this.#isStopping) break;
      }
      const rest = this.#socket.read() as Buffer | null;
      if (rest !== null) await this.#take(this.#framer.push(rest));
    } catch {
      // Reset, or closed by us: it has ended, too.
    }
    this.#socket.destroy();
    await this.#take(this.#framer.end());
    return this.#framer.cut;
  }

  /** Ends it as soon as all that has come is taken. */
  stop(): void {
    this.#isStopping = true;
    if (!this.#isWorking && this.#socket.readableLength === 0) this.#socket.destroy();
  }

  async #take(messages: readonly Buffer[]): Promise<void> {
    this.#isWorking = true;
    for (const message of messages) await this.#options.onMessage(message, this.#sender);
    this.#isWorking = false;
  }
}
