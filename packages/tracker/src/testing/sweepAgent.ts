/** An agent as a process that a test can kill: `node sweepAgent.ts URL SWEEP DIR`. */
import { runAgent } from '../sweep/agent/agent.ts'
import { httpHost } from '../sweep/agent/host.ts'
import { processRunner } from '../sweep/agent/processRunner.ts'

const [url, sweep, dir] = process.argv.slice(2)
await runAgent({ host: httpHost(url, 'default'), sweep, run: processRunner({ dir }), beatEvery: 0.1 })
