/**
 * Says that a run failed after it had ended: an exception that leaves a block with `await using run` disposes of the run first, and JavaScript does
 * not tell a disposal why.
 */
import { LogReader } from '../log/reader.ts'
import { LogWriter } from '../log/writer.ts'
import { acquireActive, releaseActive } from '../store/active.ts'
import type { RunPaths } from '../store/paths.ts'

/** @throws Error where another process has the run by now, or the log cannot be written. */
export function markFailed({ log, active }: RunPaths, run: string, exitCode: number, error: string | null): void {
  const lock = acquireActive(active, run)
  try {
    const reader = new LogReader(log)
    for (const _ of reader.read());
    const writer = new LogWriter(log, reader.offset, reader.keys)
    writer.record({ type: 'finish', time: Date.now() / 1000, state: 'failed', exitCode, error })
    writer.close()
  } finally {
    releaseActive(active, lock)
  }
}
