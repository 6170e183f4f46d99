import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** These two make a page isolated from others; browsers share memory, which threads need, only there. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  server: { headers: isolated },
  preview: { headers: isolated },
  // Weights are trained at the top of a module, with `await`.
  build: { target: 'esnext' },
})
