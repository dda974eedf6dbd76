import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { RespFrames, wordsOf } from './resp-frames.ts';

/** What a server sends: a push, or the reply to a command. */
export interface Frame {
  readonly bytes: Buffer;
  /** The kind of push (`message`, `invalidate`, …); null for a reply. */
  readonly push: string | null;
  /** The first words of the command that a reply answers; empty for a push. */
  readonly command: readonly string[];
}

/** What a frame becomes on its way to the client: itself, nothing, something else, or several. */
export type Filter = (frame: Frame, link: ProxyLink) => readonly Buffer[];

/** The same for a command on its way to the server; null: forget it, and answer with `link.answer`, or never. */
export type CommandFilter = (words: readonly string[], link: ProxyLink) => 'pass' | 'drop';

/** One way through the proxy. Bytes are never lost while it is held: they arrive later, as TCP has it. */
export interface Way {
  delayMs: number;
  /** A black hole, until it is released. */
  isHeld: boolean;
}

/** Their answers are pushes. */
const ANSWERED_BY_PUSH = new Set(['SUBSCRIBE', 'UNSUBSCRIBE', 'PSUBSCRIBE', 'PUNSUBSCRIBE']);
const PASS: Filter = ({ bytes }) => [bytes];
const PIECES = { push: (piece: Buffer): Buffer[] => [piece] };

/** A proxy on a free loopback port that does to the connections of one Redis (or another server) what networks do. */
export class TcpProxy {
  /** Not RESP: each piece is a frame, and a command is the first line of what a client sent. Set it before connecting. */
  isRaw = false;
  readonly toClient: Way = { delayMs: 0, isHeld: false };
  readonly toServer: Way = { delayMs: 0, isHeld: false };
  filter: Filter = PASS;
  onCommand: CommandFilter = () => 'pass';
  readonly links = new Set<ProxyLink>();
  /** How many connections there were so far. */
  connections = 0;
  /** Where new connections lead, as behind an address that moves. */
  targetPort: number;
  readonly #server: Server;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.targetPort = targetPort;
  }

  /** @param port of its own; 0: a free one. */
  static async open(targetPort: number, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (client) => {
      proxy.connections += 1;
      const link: ProxyLink = new ProxyLink(proxy, client, connect(proxy.targetPort, '127.0.0.1'), () =>
        proxy.links.delete(link),
      );
      proxy.links.add(link);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Frames pass as they are from now on. */
  heal(): void {
    this.filter = PASS;
    this.onCommand = () => 'pass';
    for (const way of [this.toClient, this.toServer]) {
      way.delayMs = 0;
      this.hold(way, false);
    }
  }

  hold(way: Way, isHeld = true): void {
    way.isHeld = isHeld;
    for (const link of this.links) link.flush();
  }

  /** RST to every client. Returns how many there were. */
  resetAll(): number {
    const { size } = this.links;
    for (const link of this.links) link.reset();
    return size;
  }

  /** Swallows the next reply that `matches`; resolves when it has. */
  swallowReply(matches: (frame: Frame) => boolean): Promise<ProxyLink> {
    const before = this.filter;
    return new Promise((resolve) => {
      this.filter = (frame, link) => {
        if (frame.push !== null || !matches(frame)) return before(frame, link);
        this.filter = before;
        resolve(link);
        return [];
      };
    });
  }

  /** Loses the next reply that `matches`, and the connection with it: as TCP has it, nothing after it arrives either. */
  loseReply(matches: (frame: Frame) => boolean): void {
    const before = this.filter;
    this.filter = (frame, link) => {
      if (frame.push !== null || !matches(frame)) return before(frame, link);
      this.filter = before;
      // At once: what came with it would be taken for its reply.
      link.reset();
      return [];
    };
  }

  /** Cuts the next reply that `matches` in the middle, and the connection with it. */
  truncateReply(matches: (frame: Frame) => boolean): Promise<ProxyLink> {
    const before = this.filter;
    return new Promise((resolve) => {
      this.filter = (frame, link) => {
        if (frame.push !== null || !matches(frame)) return before(frame, link);
        this.filter = before;
        resolve(link);
        link.finish(frame.bytes.subarray(0, Math.ceil(frame.bytes.length / 2)));
        return [];
      };
    });
  }

  async close(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One connection through the proxy. */
export class ProxyLink {
  readonly #proxy: TcpProxy;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toClient: Lane;
  readonly #toServer: Lane;
  readonly #unanswered: (readonly string[])[] = [];
  #isOpen = true;
  readonly #onEnd: () => void;

  constructor(proxy: TcpProxy, client: Socket, server: Socket, onEnd: () => void) {
    this.#proxy = proxy;
    this.#client = client;
    this.#server = server;
    this.#onEnd = onEnd;
    this.#toClient = new Lane(client, proxy.toClient);
    this.#toServer = new Lane(server, proxy.toServer);
    const [commands, frames] = proxy.isRaw ? [PIECES, PIECES] : [new RespFrames(), new RespFrames()];
    client.setNoDelay(true).on('data', (piece) => commands.push(piece).forEach((bytes) => this.#commanded(bytes)));
    server.setNoDelay(true).on('data', (piece) => frames.push(piece).forEach((bytes) => this.#replied(bytes)));
    for (const socket of [client, server]) {
      // What became of a connection is told by its end.
      socket.on('error', () => {}).on('close', () => this.#end());
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  reset(): void {
    if (this.#isOpen) this.#client.resetAndDestroy();
    this.#end();
  }

  /** Sends the client something of ours, in order with what is on its way. */
  answer(bytes: Buffer | string): void {
    if (this.#isOpen) this.#toClient.send(Buffer.from(bytes));
  }

  /** Sends the client some last bytes, and ends. */
  finish(bytes: Buffer): void {
    this.#client.end(bytes);
    this.#server.destroy();
  }

  flush(): void {
    this.#toClient.pump();
    this.#toServer.pump();
  }

  #commanded(bytes: Buffer): void {
    const { isRaw, onCommand } = this.#proxy;
    const words = isRaw ? [bytes.toString('latin1', 0, 200).split('\r\n', 1)[0] ?? ''] : wordsOf(bytes, 5);
    if (onCommand(words, this) === 'drop') return;
    if (!isRaw && !ANSWERED_BY_PUSH.has(words[0]?.toUpperCase() ?? '')) this.#unanswered.push(words);
    this.#toServer.send(bytes);
  }

  #replied(bytes: Buffer): void {
    const isPush = !this.#proxy.isRaw && bytes[0] === '>'.charCodeAt(0);
    const frame = isPush
      ? { bytes, push: wordsOf(bytes, 1)[0] ?? '', command: [] }
      : { bytes, push: null, command: this.#unanswered.shift() ?? [] };
    for (const passed of this.#proxy.filter(frame, this)) this.answer(passed);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#client.destroy();
    this.#server.destroy();
    this.#toClient.stop();
    this.#toServer.stop();
    this.#onEnd();
  }
}

/** Bytes on one way of one connection, in order, each no sooner than its time. */
class Lane {
  readonly #socket: Socket;
  readonly #way: Way;
  readonly #queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, way: Way) {
    this.#socket = socket;
    this.#way = way;
  }

  send(bytes: Buffer): void {
    this.#queue.push({ bytes, dueMs: performance.now() + this.#way.delayMs });
    this.pump();
  }

  pump(): void {
    if (this.#way.isHeld) return;
    const now = performance.now();
    for (let next = this.#queue[0]; next !== undefined && next.dueMs <= now; next = this.#queue[0]) {
      this.#queue.shift();
      if (this.#socket.writable) this.#socket.write(next.bytes);
    }
    const [next] = this.#queue;
    if (next === undefined || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.pump();
    }, next.dueMs - now);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue.length = 0;
  }
}
