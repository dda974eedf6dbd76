import { settings as alerter } from './alerter/settings.ts';
import { settings as ingestor } from './ingestor/settings.ts';
import { settings as forwarder } from './moog-forwarder/settings.ts';

/** Of all services, for `muttctl config init --settings`. */
export const settings = { ...ingestor, ...alerter, ...forwarder };
