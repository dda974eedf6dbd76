import type { ChangeInput, ValueInput } from './change-set.ts';

/** Values of an instance that declares nothing: text, under any key. */
export type StringValues = Record<string, string>;

/** The keys that an instance may be asked for. */
export type KeyOf<V> = Extract<keyof V, string>;

/** What may be set: the type of the setting; without settings, whatever has a plain text. */
export type InputOf<V, K extends KeyOf<V>> = string extends keyof V ? ValueInput : V[K];

/** One change of a change set. */
export type ChangeOf<V> = string extends keyof V
  ? ChangeInput
  : {
      [K in KeyOf<V>]:
        | { readonly key: K; readonly value: V[K]; readonly ifRevision?: number | undefined }
        | { readonly key: K; readonly delete: true; readonly ifRevision?: number | undefined };
    }[KeyOf<V>];
