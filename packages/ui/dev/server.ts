/**
 * A server with a made-up world in memory, for developing the page and for browser tests of the page alone. It speaks the real contract:
 * requests and answers are checked by the schemas of `@trainyard/tracker/api`.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { type Endpoint, type EndpointName, endpoints } from '@trainyard/tracker/api'
import * as v from 'valibot'
import { assets } from '../src/index.ts'
import { Refusal, routes } from './routes.ts'
import { FilterError } from './world/filter.ts'
import { blob } from './world/picture.ts'
import { World, type WorldOptions } from './world/world.ts'

export interface DevServer {
  url: string
  world: World
  /** Requests so far, for tests of what is asked and how often. */
  requests: { name: string; body: unknown; bytes: number }[]
  /** Set it to make the server refuse everything, or everything of one kind. */
  broken: Set<EndpointName | 'all'>
  /** Keeps all answers back until the function that comes back is called. */
  hold(): () => void
  close(): Promise<void>
}

const types: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

const compiled = (Object.entries(endpoints) as [EndpointName, Endpoint][]).map(([name, endpoint]) => ({
  name,
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}))

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text ? JSON.parse(text) : undefined
}

export async function startDevServer(options: WorldOptions & { port?: number } = {}): Promise<DevServer> {
  const world = new World(options)
  const handlers = routes(world)
  const streams = new Set<ServerResponse>()
  const state: Omit<DevServer, 'url' | 'close'> = {
    world,
    requests: [],
    broken: new Set(),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
  }
  let held: Promise<void> | undefined

  const send = (response: ServerResponse, status: number, body: unknown, name = '') => {
    const text = JSON.stringify(body)
    const last = state.requests.at(-1)
    if (last && last.name === name) last.bytes = text.length
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!url.pathname.startsWith('/api/')) return page(url.pathname, response)
    if (url.pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(`data: ${JSON.stringify({ type: 'hello', now: Date.now() / 1000 })}\n\n`)
      streams.add(response)
      response.on('close', () => streams.delete(response))
      return
    }
    for (const { name, endpoint, pattern } of compiled) {
      const match = endpoint.method === request.method ? pattern.exec(url.pathname) : null
      if (!match) continue
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
      )
      await held
      if (state.broken.has(name) || state.broken.has('all'))
        throw new Refusal(500, 'internal', 'The index cannot be read: disk I/O error.')
      if (name === 'getBlob') {
        const found = blob(parameters.sha256)
        if (!found) throw new Refusal(404, 'not-found', 'There is no such file.')
        response.writeHead(200, { 'content-type': found.type, 'cache-control': 'max-age=31536000, immutable' })
        return void response.end(found.bytes)
      }
      const body = await bodyOf(request)
      state.requests.push({ name, body, bytes: 0 })
      const parsed = endpoint.body ? v.parse(endpoint.body, body) : undefined
      const handler = handlers[name] as ((request: unknown) => unknown) | undefined
      if (!handler) throw new Refusal(404, 'not-found', `The development server has no ${name}.`)
      const result = handler({ ...parameters, body: parsed, query: Object.fromEntries(url.searchParams) })
      if (endpoint.answer) v.assert(endpoint.answer, result)
      return send(response, 200, result, name)
    }
    throw new Refusal(404, 'not-found', `There is no ${request.method} ${url.pathname}.`)
  }

  const page = async (path: string, response: ServerResponse) => {
    const file = path === '/' ? '/index.html' : path
    try {
      const bytes = await readFile(join(assets, file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(bytes)
    } catch {
      response.writeHead(404).end('not found')
    }
  }

  world.listeners.add((event) => {
    for (const stream of streams) stream.write(`data: ${JSON.stringify(event)}\n\n`)
  })

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error & { status?: number; code?: string }) => {
      if (error instanceof FilterError)
        return send(response, 400, { error: { code: 'bad-filter', message: error.message, position: error.position } })
      if (error instanceof v.ValiError)
        return send(response, 400, { error: { code: 'bad-request', message: error.message } })
      send(response, error.status ?? 500, { error: { code: error.code ?? 'internal', message: error.message } })
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        for (const stream of streams) stream.end()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
