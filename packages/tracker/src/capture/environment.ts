/** Where and with what a program ran. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, hostname, type as osType, release, totalmem, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../log/records.ts'
import { run } from './system.ts'

function readJson(file: string): { [key: string]: unknown } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { [key: string]: unknown }
  } catch {
    return null
  }
}

function userName(): string | null {
  try {
    return userInfo().username
  } catch {
    return null // A user number without a name, as in some containers.
  }
}

/** Dependencies of the nearest package.json with the versions that are installed. */
export function packageVersions(cwd: string): { [name: string]: string } {
  const versions: { [name: string]: string } = {}
  for (let folder = cwd; ; folder = dirname(folder)) {
    const manifest = readJson(join(folder, 'package.json'))
    if (manifest) {
      const names = Object.keys({ ...(manifest.dependencies as object), ...(manifest.devDependencies as object) })
      for (const name of names.slice(0, 500)) {
        for (let at = folder; ; at = dirname(at)) {
          const version = readJson(join(at, 'node_modules', name, 'package.json'))?.version
          if (typeof version === 'string') versions[name] = version
          if (typeof version === 'string' || at === dirname(at)) break
        }
      }
      return versions
    }
    if (folder === dirname(folder)) return versions
  }
}

const known = new Map<string, Promise<JsonObject>>()

/** The environment record's content, but for git; found out once a process. */
export async function environment(command: string, pid: number): Promise<JsonObject> {
  const found = known.get(command) ?? findOut(command, pid)
  known.set(command, found)
  return { ...(await found) }
}

async function findOut(command: string, pid: number): Promise<JsonObject> {
  const gpus = await run('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'])
  const cwd = process.cwd()
  return {
    command,
    cwd,
    host: hostname(),
    user: userName(),
    pid,
    os: `${osType()} ${release()}`,
    runtime: `node ${process.versions.node}`,
    cpu: cpus()[0]?.model.trim() ?? null,
    cores: availableParallelism(),
    memory: totalmem(),
    gpus: gpus?.trim().split('\n').filter(Boolean) ?? [],
    git: null,
    packages: packageVersions(cwd),
  }
}
