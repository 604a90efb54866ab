import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { defineConfig } from 'vitest/config';
import { webApp } from './build/icons.mjs';
import { engines } from './build/engines.mjs';
import { lessons, onlyWoff2, securityPolicy, serviceWorker } from './build/plugins.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `vite build` makes the site, `vite build --mode single` the one file that opens by double click.
export default defineConfig(({ mode }) => {
  const single = mode === 'single';
  return {
    base: './',
    plugins: [
      lessons(),
      engines(single),
      onlyWoff2(),
      svelte(),
      webApp(single),
      ...(single ? [viteSingleFile({ removeViteModuleLoader: true })] : [serviceWorker()]),
      securityPolicy(single),
    ],
    define: { __SINGLE_FILE__: JSON.stringify(single) },
    resolve: {
      alias: {
        '#spawn': here(single ? './src/engine/spawn.single.ts' : './src/engine/spawn.site.ts'),
      },
      ...(mode === 'test' ? { conditions: ['browser'] } : {}),
    },
    worker: { format: single ? 'iife' : 'es', plugins: () => [engines(single)] },
    server: { fs: { allow: [here('..')] } },
    build: {
      outDir: here(single ? '../dist/single' : '../dist/site'),
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: single ? Number.MAX_SAFE_INTEGER : 2048,
      chunkSizeWarningLimit: 4000,
      reportCompressedSize: false,
    },
    test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], hookTimeout: 60_000, testTimeout: 20_000 },
  };
});
