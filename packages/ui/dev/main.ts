/** `npm run dev -w packages/ui`: the page, built anew on every change, with a made-up world behind it that goes on living. */
import { build } from 'vite'
import { startDevServer } from './server.ts'

const server = await startDevServer({ port: 4748 })
setInterval(() => server.world.advance(2), 500)
await build({ build: { watch: {}, minify: false, sourcemap: true }, logLevel: 'warn' })
console.log(`${server.url}/`)
