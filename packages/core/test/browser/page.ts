import { type Outcome, trainCnn, trainXor } from './train.ts'

declare global {
  interface Window {
    results?: { xor: Outcome; cnn: Outcome; cnnThreads: Outcome; isolated: boolean }
    failure?: string
  }
}

try {
  const threads = crossOriginIsolated ? 2 : 1
  window.results = {
    xor: await trainXor(1),
    cnn: await trainCnn(1),
    cnnThreads: await trainCnn(threads),
    isolated: crossOriginIsolated,
  }
} catch (error) {
  window.failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
}
