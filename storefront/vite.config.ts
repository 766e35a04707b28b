import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { contentSecurityPolicy } from './scripts/content-security-policy.ts';
import { precompress } from './scripts/precompress.ts';

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, import.meta.dirname, '');
  // Where `dev` and `preview` send /api; a built shop calls the origin that serves it, or VITE_API_URL.
  const api = env['API_URL'] ?? 'http://127.0.0.1:8000';
  const files = env['FILES_ORIGIN'] ?? '*';
  return {
    plugins: [react(), precompress()],
    build: {
      // Nothing inlined: a strict Content-Security-Policy allows no data: addresses.
      assetsInlineLimit: 0,
      manifest: true,
    },
    server: { proxy: { '/api': api } },
    preview: {
      headers: { 'Content-Security-Policy': contentSecurityPolicy({ files }) },
    },
  };
});
