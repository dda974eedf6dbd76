import { descriptionJson, registrationJson, toRegistration } from '@mutt/dynamic-config';
import type { RegisteredSetting, SeenRegistration } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { principalOf } from '../auth/authenticate.ts';
import { assertMayChange, visibilityOf } from '../auth/visibility.ts';
import type { Sight } from '../auth/visibility.ts';
import type { DeclaredSettings } from './declared-settings.ts';
import { declareSettings, listSettings, registrationBody } from './settings-schemas.ts';

const BODY_LIMIT = 2 * 1024 * 1024;

/** `/api/v1/settings`: what services declare of their settings. */
export function settingsRoutes(declared: DeclaredSettings): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/v1/settings', { schema: listSettings }, async (request) => {
      const { registrations, registry } = await declared.current();
      const sight = visibilityOf(principalOf(request), new Set());
      const settings = registry.settings.filter(({ key }) => sight(key) !== 'absent');
      return {
        settings: settings.map(settingJson),
        count: settings.length,
        services: registrations.registrations.map((service) => serviceJson(service, sight, registry.secretKeys)),
        now: new Date(registrations.nowMs).toISOString(),
      };
    });

    app.post(
      '/api/v1/settings',
      { bodyLimit: BODY_LIMIT, schema: { ...declareSettings, body: registrationBody } },
      async (request) => {
        const registration = toRegistration(request.body);
        assertMayChange(principalOf(request), Object.keys(registration.settings));
        await declared.register(registration);
        return { message: `Settings declared: ${Object.keys(registration.settings).length}` };
      },
    );
  };
}

function settingJson({ key, description, declaredBy, conflict }: RegisteredSetting): Record<string, unknown> {
  return { key, ...descriptionJson(description), declared_by: declaredBy, conflict };
}

function serviceJson(
  { registeredAtMs, seenAtMs, ...registration }: SeenRegistration,
  sight: Sight,
  secretKeys: ReadonlySet<string>,
): Record<string, unknown> {
  const seen = Object.entries(registration.settings)
    .filter(([key]) => sight(key) !== 'absent')
    // What one of them calls secret, another may have a default of in clear.
    .map(([key, one]) => [key, secretKeys.has(key) ? { ...one, default: null } : one] as const);
  return {
    ...registrationJson({ ...registration, settings: Object.fromEntries(seen) }),
    registered_at: new Date(registeredAtMs).toISOString(),
    seen_at: new Date(seenAtMs).toISOString(),
  };
}
