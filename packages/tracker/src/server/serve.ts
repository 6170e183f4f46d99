/** Starts the server: one process that owns the index of a folder, follows its runs and answers. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { resolve } from 'node:path'
import { serve as listen } from '@hono/node-server'
import { RunIndex } from '../index/runIndex.ts'
import { type ActiveInfo, beat, RunBusyError, releaseActive } from '../store/active.ts'
import { writeWhole } from '../store/blobs.ts'
import { defaultDir } from '../store/paths.ts'
import { serveSweeps } from '../sweep/serveSweeps.ts'
import { serverAddress, serverLock } from './address.ts'
import { makeApp } from './app.ts'
import { serverOf, takeFolder } from './folderLock.ts'
import { isLoopback } from './safety.ts'
import type { SweepService } from './sweepService.ts'

/** Which folder is served, where, and to whom. */
export interface ServeOptions {
  /** Default: `$TRAINYARD_DIR`, else `.trainyard`. */
  dir?: string
  /** Default 4747; 0 takes any free one. */
  port?: number
  /** Default 127.0.0.1. Anything that is not loopback needs a token. */
  host?: string
  /** Default: none on loopback, else `$TRAINYARD_TOKEN`, else a random one. */
  token?: string
  /** Further names under which the server may be called on loopback, such as that of a tunnel. */
  allowHosts?: string[]
  /** Folder of the built page. Default: only the API. */
  page?: string | null
  /** Takes a line for the person who runs it. Default: standard error. */
  log?: (message: string) => void
  /** Who keeps the sweeps. Default: this server, in the same folder. */
  sweeps?: (index: RunIndex) => SweepService
}

/** A server that answers. */
export interface RunningServer {
  /** Where to open the page, with the token where one is needed. */
  url: string
  port: number
  token: string | null
  index: RunIndex
  /** Called once the server is closed. */
  onClose: () => void
  /** Ends it: open answers end, the index is saved, the folder is free for another. */
  close(): Promise<void>
}

/** The server cannot start; the message says why, and what to do. */
export class ServeError extends Error {
  override name = 'ServeError'
}

const BEAT = 2000
const IDLE = 100

/**
 * Starts the server.
 * @throws RunBusyError where another server has the folder, ServeError where the port is taken.
 * @example
 * ```ts
 * const server = await serve({ dir: '.trainyard', port: 0 })
 * console.log(server.url)
 * await server.close()
 * ```
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const dir = resolve(options.dir ?? defaultDir())
  const host = options.host ?? '127.0.0.1'
  const log = options.log ?? ((message) => console.error(`trainyard: ${message}`))
  const token = isLoopback(host)
    ? options.token || null
    : options.token || process.env.TRAINYARD_TOKEN || randomBytes(24).toString('base64url')
  const lock = await takeLock(dir)
  let index: RunIndex | null = null
  let sweeps: SweepService | null = null
  try {
    index = new RunIndex(dir)
    sweeps = options.sweeps ? options.sweeps(index) : serveSweeps(dir)
    const { app } = makeApp(index, {
      token,
      hosts: options.allowHosts ?? [],
      page: options.page ?? null,
      log,
      sweeps,
    })
    const { server, port } = await bind(app.fetch, host, options.port ?? 4747)
    const stopLoops = startLoops(index, dir, lock, log)
    const shown = host.includes(':') ? `[${host}]` : host
    const url = `http://${shown}:${port}/${token ? `?token=${token}` : ''}`
    writeWhole(serverAddress(dir), JSON.stringify({ url: `http://${shown}:${port}`, pid: process.pid, token }), 0o600)
    const opened = index
    const kept = sweeps
    const running: RunningServer = {
      url,
      port,
      token,
      index: opened,
      onClose: () => {},
      async close() {
        stopLoops()
        rmSync(serverAddress(dir), { force: true })
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
        kept.close()
        opened.close()
        releaseActive(serverLock(dir), lock)
        running.onClose()
      },
    }
    return running
  } catch (error) {
    sweeps?.close()
    index?.close()
    releaseActive(serverLock(dir), lock)
    throw error
  }
}

/** @throws RunBusyError where another server has the folder. */
async function takeLock(dir: string): Promise<ActiveInfo> {
  const lock = await takeFolder(dir)
  if (lock) return lock
  const there = serverOf(dir)
  throw new RunBusyError(
    `another server has ${dir}${there ? `: it is at ${there.url}` : ''}; use that one, or end it first`,
  )
}

function bind(
  fetch: Parameters<typeof listen>[0]['fetch'],
  hostname: string,
  port: number,
): Promise<{ server: Server; port: number }> {
  return new Promise((done, fail) => {
    const server = listen({ fetch, hostname, port }, (info) => done({ server, port: info.port })) as Server
    server.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new ServeError(`port ${port} is taken: pass --port with another one, or stop what has it`, { cause: error })
          : new ServeError(
              `cannot listen on ${hostname}, port ${port} (${error.message}): pass another --host or --port`,
              {
                cause: error,
              },
            ),
      ),
    )
  })
}

/** Follows the runs, and keeps the lock alive. */
function startLoops(index: RunIndex, dir: string, lock: ActiveInfo, log: (message: string) => void): () => void {
  let timer: NodeJS.Timeout | NodeJS.Immediate
  let stopped = false
  let said = ''
  const step = () => {
    if (stopped) return
    let more = false
    try {
      more = index.tick()
      said = ''
    } catch (error) {
      const text = (error as Error).stack ?? String(error)
      if (text !== said) log((said = text))
    }
    timer = more ? setImmediate(step) : setTimeout(step, IDLE)
  }
  step()
  const heart = setInterval(() => beat(serverLock(dir), lock), BEAT)
  return () => {
    stopped = true
    clearTimeout(timer as NodeJS.Timeout)
    clearImmediate(timer as NodeJS.Immediate)
    clearInterval(heart)
  }
}
