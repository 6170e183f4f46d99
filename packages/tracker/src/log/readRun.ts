import { existsSync } from 'node:fs'
import { defaultDir, pathsIn } from '../store/paths.ts'
import { readLog } from './reader.ts'
import type { JsonObject } from './records.ts'
import { RunFold } from './runFold.ts'

/** What a run is at present, by its log. */
export interface SeenRun {
  readonly id: string
  readonly project: string
  readonly name: string
  readonly config: JsonObject
  /** One value a metric, and what the program set above. */
  readonly summary: JsonObject
  /** How it ended; null while it has not, or where its process died. */
  readonly state: string | null
  /** Of all its sessions. */
  readonly seconds: number
}

/**
 * Reads one run from its log; null where it is not there.
 *
 * @param place.dir The tracker's folder. Default: `$TRAINYARD_DIR`, else `.trainyard`.
 * @example
 * const loss = readRun({ project: 'xor', run: 'ab12cd34' })?.summary.loss
 */
export function readRun({
  dir = defaultDir(),
  project,
  run,
}: {
  dir?: string
  project: string
  run: string
}): SeenRun | null {
  const { log } = pathsIn(dir).run(project, run)
  if (!existsSync(log)) return null
  const fold = new RunFold()
  for (const entry of readLog(log)) fold.add(entry)
  const { name, config, summary, finish } = fold
  return { id: run, project, name, config, summary, state: finish?.state ?? null, seconds: fold.duration() }
}
