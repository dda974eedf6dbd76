import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompressed } from './scripts/precompressed.mjs';

/** `npm run dev` beside a running server: its API, and this page renewed as the sources are saved. */
const server = process.env['MUTT_SERVER'] ?? 'http://127.0.0.1:8090';

export default defineConfig({
  plugins: [react(), precompressed()],
  build: {
    target: 'es2022',
    manifest: true,
    // With light-dark(): what is made of it for older browsers does not work here.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { host: '127.0.0.1', proxy: { '/api': server, '/readyz': server } },
});
