import { z } from 'zod';

/** How the document groups what can be asked for. */
export const TAGS = {
  config: 'One key, and all of them.',
  changes: 'Change sets: several keys as one.',
  history: 'What was, what differs, and the way back.',
  audit: 'The trail of all changes, and its proof.',
  events: 'Changes as they happen.',
  settings: 'What services declare of their settings.',
  instances: 'What other instances keep current by, and which are connected.',
  access: 'Who may do what.',
  webhooks: 'Who is told of changes by HTTP.',
  operations: 'Is it well?',
} as const;

declare module 'fastify' {
  interface FastifySchema {
    /** Headers that it heeds, for the document only: the route reads and checks them itself. */
    requestHeaders?: z.ZodObject;
  }
}

/** A reply that is not JSON. */
export interface OtherReply {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

interface OperationOptions {
  /** Of the reply. Default 200. */
  readonly status?: number;
  readonly requestHeaders?: z.ZodObject;
  /** Replies besides, by status. */
  readonly others?: Readonly<Record<number, z.ZodType>>;
}

/** What the document says of a route. For readers, and for tests that hold replies against it: nothing is checked as it runs. */
export interface Operation {
  readonly tags: string[];
  readonly summary: string;
  readonly response: Record<number, z.ZodType | OtherReply>;
  readonly requestHeaders?: z.ZodObject;
}

/** @param reply what it answers with when all is well. */
export function operation(
  tag: keyof typeof TAGS,
  summary: string,
  reply: z.ZodType | OtherReply,
  { status = 200, requestHeaders, others = {} }: OperationOptions = {},
): Operation {
  const response = { [status]: reply, ...others };
  return { tags: [tag], summary, response, ...(requestHeaders !== undefined && { requestHeaders }) };
}

/** A reply of another media type than JSON. */
export function otherReply(description: string, ...mediaTypes: readonly string[]): OtherReply {
  return { description, content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: z.string() }])) };
}
