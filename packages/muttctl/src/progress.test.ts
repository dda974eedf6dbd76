import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { runInTerminal } from '../test/in-terminal.ts';
import { runMuttctl } from '../test/run-muttctl.ts';

it('says on a terminal what takes long, takes it back, and says nothing to a script', async () => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const args = ['config', 'list', '--url', `redis://127.0.0.1:${port}`];
  try {
    const { screen, exitCode } = await runInTerminal(args, []);
    expect(exitCode).toBe(4);
    expect(screen).toContain(`Connecting to redis://127.0.0.1:${port} …`);
    // The line is cleared before the failure is told.
    expect(screen).toMatch(/\r\u001b\[K[^…]*Error:/);
    const { stdout, stderr } = await runMuttctl(args);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Error: [^\n]*\n$/);
  } finally {
    silent.close();
  }
});
