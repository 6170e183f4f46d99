import { setTimeout as sleep } from 'node:timers/promises'
import { serverOf } from '../server/folderLock.ts'
import { serve } from '../server/serve.ts'

const FIRST_PORT = 4747
/** Milliseconds between two looks whether the folder still has its server. */
const LOOK_EVERY = 500
const TRIES = 40

/**
 * Sees to it that a folder has a server while a sweep runs: starts one where there is none, and where another process's
 * server goes (that of a sweep beside this one, which has ended) takes its place at the same address, so that agents find it
 * again.
 */
export class FolderServer {
  readonly #dir: string
  readonly #page: string | undefined
  #own: { close(): Promise<void> } | undefined
  #port = FIRST_PORT
  #timer: NodeJS.Timeout | undefined
  #taking: Promise<void> | undefined

  constructor(dir: string, page: string | undefined) {
    this.#dir = dir
    this.#page = page
  }

  /** The address of the server that was started, if one was. */
  async open(): Promise<string | undefined> {
    let url: string | undefined
    for (let tries = 0; ; tries++) {
      const there = serverOf(this.#dir)
      if (there) {
        this.#port = Number(new URL(there.url).port)
        break
      }
      try {
        url = await this.#start(FIRST_PORT).catch((error: Error) => {
          if (/taken/.test(error.message)) return this.#start(0)
          throw error
        })
        break
      } catch (error) {
        // Somebody else is just starting one.
        if (tries === TRIES) throw error
        await sleep(50)
      }
    }
    this.#timer = setInterval(() => {
      this.#taking ??= this.#takePlace().finally(() => {
        this.#taking = undefined
      })
    }, LOOK_EVERY)
    this.#timer.unref()
    return url
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#taking
    await this.#own?.close()
  }

  async #start(port: number): Promise<string> {
    const server = await serve({ dir: this.#dir, port, page: this.#page })
    this.#own = server
    this.#port = server.port
    return server.url
  }

  async #takePlace(): Promise<void> {
    if (this.#own || serverOf(this.#dir)) return
    // Of several that wait for it, one gets it.
    await this.#start(this.#port).catch(() => {})
  }
}
