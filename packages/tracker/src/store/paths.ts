/** Where everything lies under the tracker's folder; see docs/design/run-log.md. */
import { join, resolve } from 'node:path'

/** A name of a project, run, artifact or layout that cannot be used. */
export class NameError extends Error {
  override name = 'NameError'
}

/** Seconds without a heartbeat after which a run counts as crashed. */
export const CRASH_AFTER = 30

/** The folder that is used when none is given: `$TRAINYARD_DIR`, else `.trainyard` in the current one. */
export const defaultDir = (): string => resolve(process.env.TRAINYARD_DIR || '.trainyard')

/** Any name as one path component that is safe on every file system. */
export function folderName(name: string): string {
  const escaped = encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return escaped.replace(/^\./, '%2E')
}

/** The reverse of {@link folderName}; null for a folder that was not made by it. */
export function nameOfFolder(folder: string): string | null {
  try {
    const name = decodeURIComponent(folder)
    return folderName(name) === folder ? name : null
  } catch {
    return null
  }
}

/** Checks a project's or artifact's name: anything a person can read and a folder can be made of. */
export function checkName(what: string, name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '')
    throw new NameError(`${what} must be a text that is not empty, got ${JSON.stringify(name)}`)
  const shown = JSON.stringify(name.slice(0, 60))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  if (/[\u0000-\u001f\u007f]/.test(name))
    throw new NameError(`${what} ${shown} holds a control character: leave it out`)
  if (folderName(name).length > 200) throw new NameError(`${what} ${shown}… is too long: at most about 100 characters`)
  return name
}

export function checkRunId(id: unknown): string {
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/.test(id))
    throw new NameError(
      `a run id is made of 1 to 128 letters, digits, "_", "-" and "." (not first), got ${JSON.stringify(id)}`,
    )
  return id
}

export interface RunPaths {
  folder: string
  log: string
  edits: string
  blobs: string
  /** Exists when somebody asked the run to stop. */
  stop: string
  /** Lock and heartbeat. */
  active: string
}

export interface Paths {
  dir: string
  projects: string
  active: string
  index: string
  trash: string
  project(project: string): string
  runs(project: string): string
  run(project: string, run: string): RunPaths
  artifacts(project: string): string
  layouts(project: string): string
}

export function pathsIn(dir: string): Paths {
  dir = resolve(dir)
  const projects = join(dir, 'projects')
  const active = join(dir, 'active')
  const project = (name: string) => join(projects, folderName(name))
  return {
    dir,
    projects,
    active,
    index: join(dir, 'index.sqlite'),
    trash: join(dir, 'trash'),
    project,
    runs: (name) => join(project(name), 'runs'),
    run(name, run) {
      const folder = join(project(name), 'runs', checkRunId(run))
      return {
        folder,
        log: join(folder, 'run.log'),
        edits: join(folder, 'edits.log'),
        blobs: join(folder, 'blobs'),
        stop: join(folder, 'stop'),
        active: join(active, `${folderName(name)}@${run}`),
      }
    },
    artifacts: (name) => join(project(name), 'artifacts'),
    layouts: (name) => join(project(name), 'layouts'),
  }
}

/** Project and run of a file in `active/`; null for any other file there. */
export function parseActive(file: string): { project: string; run: string } | null {
  const at = file.indexOf('@')
  if (at < 0) return null
  const project = nameOfFolder(file.slice(0, at))
  const run = file.slice(at + 1)
  try {
    return project === null ? null : { project, run: checkRunId(run) }
  } catch {
    return null
  }
}
