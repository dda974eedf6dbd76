/** A service whose store never answers, and that has nothing to do but wait for it; run as a process by the tests. */
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';

try {
  await DynamicConfig.connect(process.argv[2] ?? '', { startupTimeoutMs: 1_000 });
} catch (error) {
  const code = error instanceof ConfigError ? error.code : String(error);
  process.stdout.write(`${JSON.stringify({ code })}\n`);
  process.exitCode = 1;
}
