/** A server for the crash tests, to be killed: prints its address. Argument: DIR. */
import { serve } from '@trainyard/tracker/server'

const server = await serve({ dir: process.argv[2], port: 0 })
console.log(server.url)
