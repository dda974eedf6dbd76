interface Waiting<Value> {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly resolve: (value: Value | null) => void;
  readonly reject: (error: unknown) => void;
}

interface BatchOptions<Value> {
  /** Asks for many at once; what it does not answer with is null. */
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** More go into another request. */
  readonly mostKeys: number;
  /** How long others are waited for. */
  readonly waitMs: number;
}

/** One request for all that is asked for within a moment, without what nobody wants any more by then. */
export function batched<Value>({ load, mostKeys, waitMs }: BatchOptions<Value>) {
  let waiting: Waiting<Value>[] = [];

  const send = async (batch: readonly Waiting<Value>[]): Promise<void> => {
    try {
      const values = await load(batch.map(({ key }) => key));
      for (const { key, resolve } of batch) resolve(values.get(key) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const sendAll = (): void => {
    const wanted = waiting.filter(({ signal }) => !signal.aborted);
    for (const { signal, reject } of waiting) if (signal.aborted) reject(signal.reason);
    waiting = [];
    for (let at = 0; at < wanted.length; at += mostKeys) void send(wanted.slice(at, at + mostKeys));
  };

  return async (key: string, signal: AbortSignal): Promise<Value | null> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setTimeout(sendAll, waitMs);
      waiting.push({ key, signal, resolve, reject });
    });
}
