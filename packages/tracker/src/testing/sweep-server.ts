/** The sweep part of a server alone, as a process that a test can kill: `node sweep-server.ts DIR PORT`. */
import { serve } from '@hono/node-server'
import { sweepRoutes } from '../sweep/routes.ts'
import { SweepService } from '../sweep/trials/sweep-service.ts'

const [dir, port] = process.argv.slice(2)
const service = new SweepService({ dir, lease: 10 })
setInterval(() => service.tick(), 100)
serve({ fetch: sweepRoutes(service).fetch, port: Number(port), hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`listening ${port}\n`)
})
