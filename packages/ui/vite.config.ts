import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('src/page'),
  // Relative addresses: the page also works below a path, behind a proxy.
  base: './',
  plugins: [svelte()],
  resolve: { conditions: ['trainyard-source', ...defaultClientConditions] },
  build: {
    outDir: here('dist/page'),
    emptyOutDir: true,
    target: 'es2023',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  worker: { format: 'es' },
})
