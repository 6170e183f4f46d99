/** Who may write the index of a folder: a server as long as it runs, or a command for a moment. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ActiveInfo, acquireActive, isAlive, RunBusyError, readActive } from '../store/active.ts'
import { serverAddress, serverLock } from './address.ts'

/** Seconds to wait for a command, or for a server that is just starting or ending. */
const PATIENCE = 30

/** The server that has a folder and is alive; undefined where there is none, also while a command has the folder. */
export function serverOf(dir: string): { url: string; token?: string } | undefined {
  const held = readActive(serverLock(dir))
  if (!held || !isAlive(held)) return undefined
  try {
    const { url, token, pid } = JSON.parse(readFileSync(serverAddress(dir), 'utf8')) as {
      url: string
      token: string | null
      pid: number
    }
    // One that crashed leaves its address behind.
    return pid === held.info?.pid ? { url, token: token ?? undefined } : undefined
  } catch {
    return undefined
  }
}

/**
 * Takes a folder's index for this process, once a command that has it is done.
 * @returns null where a server has it.
 * @throws RunBusyError where somebody else keeps it, or an error of the file system.
 */
export async function takeFolder(dir: string, patience = PATIENCE): Promise<ActiveInfo | null> {
  const deadline = performance.now() + 1000 * patience
  for (;;) {
    if (serverOf(dir)) return null
    try {
      return acquireActive(serverLock(dir), 'server')
    } catch (error) {
      if (!(error instanceof RunBusyError)) throw error
      if (performance.now() > deadline)
        throw new RunBusyError(
          `another program has had ${dir} for long: ${error.message.replace(/^run server is being written/, 'it is held').replace(/:.*/, '')}; wait for it, or end it`,
        )
    }
    await sleep(50)
  }
}
