import { basename } from 'node:path';

/** A service, and which version of it: 1 to 128 printable ASCII characters each. */
export interface Service {
  readonly name: string;
  readonly version?: string;
}

/** What npm says of the program that runs, or the name of its file. */
export function serviceOfProcess(): Service {
  const { npm_package_name: name, npm_package_version: version = '' } = process.env;
  if (name !== undefined) return { name, version };
  return { name: basename(process.argv[1] ?? 'node').replace(/\.[cm]?[jt]s$/, '') };
}
