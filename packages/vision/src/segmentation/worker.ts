/** The thread that reads and augments for a `SampleLoader`. */
import { builtin } from '../platform/builtin.ts'
import { serve } from '../workers/serve.ts'
import { type LoadJob, type LoadSettings, loadSample } from './load.ts'
import type { Sample } from './sample.ts'

const settings = builtin('node:worker_threads').workerData as LoadSettings

serve(
  (job: LoadJob) => loadSample(settings, job),
  // What is shared memory stays where it is; the rest is given away.
  ({ image, mask }: Sample) => [
    ...new Set([image.data.buffer, mask.data.buffer].filter((buffer) => buffer instanceof ArrayBuffer)),
  ],
)
