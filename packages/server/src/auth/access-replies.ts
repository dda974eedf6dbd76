import { z } from 'zod';
import { time } from '../config/config-replies.ts';
import { operation } from '../openapi/operation.ts';
import { ROLES } from './principal.ts';

const timeOrNull = time.nullable();
const message = z.object({ message: z.string() });
const rights = {
  role: z.enum(ROLES),
  key_patterns: z.array(z.string()).nullable().describe('null: all keys.'),
  secrets: z.boolean().describe('Whether they read secret settings.'),
};

export const listKeysOfApi = operation(
  'access',
  'The API keys, without the keys themselves.',
  z.object({
    keys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        ...rights,
        created_at: time,
        created_by: z.string().nullable(),
        expires_at: timeOrNull,
        last_used_at: timeOrNull,
      }),
    ),
    count: z.int(),
  }),
);

export const createApiKey = operation(
  'access',
  'Makes an API key, and shows it this once.',
  z.object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    ...rights,
    expires_at: timeOrNull,
    message: z.string(),
  }),
  { status: 201 },
);

export const revokeApiKey = operation('access', 'Revokes an API key: what it holds open ends at once.', message);

const user = {
  name: z.string(),
  ...rights,
  disabled: z.boolean(),
  created_at: time,
  created_by: z.string().nullable(),
};

export const listUsers = operation(
  'access',
  'The people who sign in.',
  z.object({ users: z.array(z.object(user)), count: z.int() }),
);

export const createUser = operation(
  'access',
  'Adds somebody.',
  z.object({ name: z.string(), ...rights, message: z.string() }),
  { status: 201 },
);

export const changeUser = operation(
  'access',
  'Changes what somebody may do, or their password.',
  z.object({ ...user, message: z.string() }),
);

export const deleteUser = operation('access', 'Removes somebody, and ends their sessions.', message);

const grant = z
  .object({
    kind: z.enum(['key', 'user']),
    id: z.string(),
    name: z.string(),
    ...rights,
    expires_at: timeOrNull,
    session_id: z.string().nullable(),
    idle_expires_at: timeOrNull,
  })
  .meta({ id: 'Grant' });

export const signInToSession = operation('access', 'Signs in: sets the session cookie.', grant);
export const getSession = operation('access', 'Who one is, and what one may do.', grant);
export const signOut = operation('access', 'Signs out.', message);
export const changePassword = operation('access', 'Changes one’s own password.', message);

export const listSessions = operation(
  'access',
  'Who is signed in: oneself, for admins everybody.',
  z.object({
    sessions: z.array(
      z.object({
        id: z.string(),
        user: z.string().optional(),
        is_current: z.boolean(),
        created_at: time,
        last_seen_at: time,
        expires_at: time,
        address: z.string().nullable(),
        user_agent: z.string().nullable(),
      }),
    ),
    count: z.int(),
  }),
);

export const endSession = operation('access', 'Ends a session.', message);
