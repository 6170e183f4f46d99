/**
 * The file in `active/` that exists while a run is written: a lock, so that no two processes write one run, and the heartbeat, which is
 * its modification time. A crash leaves it behind; then its process is gone or its time is old, and the next writer takes it over.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { makeFolder } from './makeFolder.ts'
import { CRASH_AFTER } from './paths.ts'

export interface ActiveInfo {
  pid: number
  host: string
  /** Tells this writer from another of the same process number. */
  session: string
  /** Unix time in seconds. */
  started: number
}

/** Somebody else writes the run. */
export class RunBusyError extends Error {
  override name = 'RunBusyError'
}

export function readActive(path: string): { info: ActiveInfo | null; heartbeat: number } | null {
  try {
    const heartbeat = statSync(path).mtimeMs / 1000
    let info: ActiveInfo | null = null
    try {
      info = JSON.parse(readFileSync(path, 'utf8')) as ActiveInfo
    } catch {
      // Just being created, or damaged: its time still counts.
    }
    return { info, heartbeat }
  } catch {
    return null
  }
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the writer still lives: its heart beats, and, where it would run on this machine, its process is there. */
export function isAlive(
  { info, heartbeat }: { info: ActiveInfo | null; heartbeat: number },
  now = Date.now() / 1000,
): boolean {
  if (now - heartbeat > CRASH_AFTER) return false
  return info === null || info.host !== hostname() || info.pid === 0 || processLives(info.pid)
}

/**
 * Takes the run for this process.
 * @throws RunBusyError where a living process has it.
 */
export function acquireActive(path: string, run: string, pid = process.pid): ActiveInfo {
  const info: ActiveInfo = {
    pid,
    host: hostname(),
    session: randomBytes(8).toString('hex'),
    started: Date.now() / 1000,
  }
  makeFolder(dirname(path))
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, 'wx')
      writeFileSync(file, JSON.stringify(info))
      closeSync(file)
      return info
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const held = readActive(path)
    if (held && (isAlive(held) || attempt > 3))
      throw new RunBusyError(
        `run ${run} is being written by process ${held.info?.pid ?? '?'} on ${held.info?.host ?? '?'}: wait for it to end, or use another id`,
      )
    if (held) removeStale(path, held.info)
  }
}

/** Moves the stale file away, unless it turns out that another process took the run over in this very moment. */
function removeStale(path: string, seen: ActiveInfo | null): void {
  const aside = `${path}.${randomBytes(4).toString('hex')}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = readActive(aside)
  if (moved?.info && moved.info.session !== seen?.session) {
    try {
      linkSync(aside, path)
    } catch {
      // A third one was faster; it has the run.
    }
  }
  rmSync(aside, { force: true })
}

/** The heart beats: touches the file, and makes it anew where somebody removed it. */
export function beat(path: string, info: ActiveInfo): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    try {
      makeFolder(dirname(path))
      writeFileSync(path, JSON.stringify(info))
    } catch {
      // A full disk: the next beat tries again.
    }
  }
}

export function releaseActive(path: string, info: ActiveInfo): void {
  if (readActive(path)?.info?.session === info.session) rmSync(path, { force: true })
}
