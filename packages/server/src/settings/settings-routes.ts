import { descriptionJson, registrationJson, toRegistration } from '@mutt/dynamic-config';
import type { RegisteredSetting, SeenRegistration } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { DeclaredSettings } from './declared-settings.ts';

const BODY_LIMIT = 2 * 1024 * 1024;

/** `/api/v1/settings`: what services declare of their settings. */
export function settingsRoutes(declared: DeclaredSettings): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/v1/settings', async () => {
      const { registrations, registry } = await declared.current();
      const { settings } = registry;
      return {
        settings: settings.map(settingJson),
        count: settings.length,
        services: registrations.registrations.map(serviceJson),
        now: new Date(registrations.nowMs).toISOString(),
      };
    });

    app.post('/api/v1/settings', { bodyLimit: BODY_LIMIT }, async (request) => {
      const registration = toRegistration(request.body);
      await declared.register(registration);
      return { message: `Settings declared: ${Object.keys(registration.settings).length}` };
    });
  };
}

function settingJson({ key, description, declaredBy, conflict }: RegisteredSetting): Record<string, unknown> {
  return { key, ...descriptionJson(description), declared_by: declaredBy, conflict };
}

function serviceJson({ registeredAtMs, seenAtMs, ...registration }: SeenRegistration): Record<string, unknown> {
  return {
    ...registrationJson(registration),
    registered_at: new Date(registeredAtMs).toISOString(),
    seen_at: new Date(seenAtMs).toISOString(),
  };
}
