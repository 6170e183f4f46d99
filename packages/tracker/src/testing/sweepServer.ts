/** A server as a process that a test can kill: `node sweepServer.ts DIR PORT`. */
import { serve } from '../server/serve.ts'
import { serveSweeps } from '../sweep/serveSweeps.ts'

const [dir, port] = process.argv.slice(2)
await serve({ dir, port: Number(port), sweeps: () => serveSweeps(dir, 10) })
