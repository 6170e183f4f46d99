/** `trainyard ui`: the server with its page, until somebody ends it. */
import { Command } from 'commander'
import { type RunningServer, serve } from '../server/serve.ts'
import { CommandError, type Io } from './io.ts'
import { folderOf } from './openIndex.ts'

export interface UiCommandOptions {
  io: Io
  /** Folder of the built page. */
  page: string | null
  /** Called when the server runs; for tests. */
  onServer?: (server: RunningServer) => void
}

/** Makes the command `ui`. */
export function uiCommand({ io, page, onServer }: UiCommandOptions): Command {
  return new Command('ui')
    .description('look at runs: starts the server and prints its address')
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('--port <number>', 'port to listen on, 0 for any free one', '4747')
    .option('--host <address>', 'address to listen on; anything but loopback needs a token', '127.0.0.1')
    .option('--token <text>', 'token to ask for (default beyond loopback: $TRAINYARD_TOKEN, else a random one)')
    .option('--allow-host <names...>', 'further names under which the server may be called')
    .action(async (options: { dir?: string; port: string; host: string; token?: string; allowHost?: string[] }) => {
      const port = Number(options.port)
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        throw new CommandError(`--port takes a number from 0 to 65535, got ${options.port}`)
      const dir = folderOf(options.dir)
      const server = await serve({
        dir,
        port,
        host: options.host,
        page,
        log: io.note,
        ...(options.token === undefined ? {} : { token: options.token }),
        ...(options.allowHost ? { allowHosts: options.allowHost } : {}),
      })
      io.print(server.url)
      io.note(`runs in ${dir}; Ctrl-C ends the server`)
      onServer?.(server)
      await ended(server)
    })
}

/** Resolves when the server was closed, by a signal or otherwise. */
function ended(server: RunningServer): Promise<void> {
  return new Promise((resolve) => {
    const close = () => {
      for (const signal of signals) process.off(signal, close)
      void server.close().then(resolve)
    }
    const signals = ['SIGINT', 'SIGTERM'] as const
    for (const signal of signals) process.on(signal, close)
    server.onClose = resolve
  })
}
