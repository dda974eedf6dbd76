/** Where the library's own messages go: `console`, pino, winston and most others fit. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}
