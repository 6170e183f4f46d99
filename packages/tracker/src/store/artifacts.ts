/**
 * Versioned artifacts of a project, as files, so that they need no server: `NAME/v3.json` is a version and never changes, and creating it is what
 * claims its number, so that many processes may add versions at once.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BlobRecord, JsonObject } from '../log/records.ts'
import { writeNew, writeWhole } from './blobs.ts'
import { makeFolder } from './makeFolder.ts'
import { folderName, nameOfFolder } from './paths.ts'

export interface ArtifactFile {
  path: string
  blob: BlobRecord
}

export interface Manifest {
  name: string
  kind: string
  version: number
  digest: string
  /** Unix time in seconds. */
  created: number
  description: string
  metadata: JsonObject
  /** The run that made it. */
  producer: string | null
  files: ArtifactFile[]
}

/** Equal for equal files at equal places, whatever their order. */
export function digestOf(files: readonly ArtifactFile[]): string {
  const lines = files.map(({ path, blob }) => `${path}\0${blob.sha256}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

const versionFile = (version: number) => `v${version}.json`

export class ArtifactStore {
  readonly blobs: string
  private readonly root: string

  /** @param root The project's artifacts folder. */
  constructor(root: string) {
    this.root = root
    this.blobs = join(root, 'blobs')
  }

  private folder(name: string): string {
    return join(this.root, 'names', folderName(name))
  }

  names(): string[] {
    try {
      return readdirSync(join(this.root, 'names')).flatMap((folder) => nameOfFolder(folder) ?? [])
    } catch {
      return []
    }
  }

  /** Numbers of the versions, ascending. */
  versions(name: string): number[] {
    try {
      return readdirSync(this.folder(name))
        .flatMap((file) => (/^v(\d+)\.json$/.test(file) ? [Number(file.slice(1, -5))] : []))
        .sort((a, b) => a - b)
    } catch {
      return []
    }
  }

  read(name: string, version: number): Manifest {
    return JSON.parse(readFileSync(join(this.folder(name), versionFile(version)), 'utf8')) as Manifest
  }

  /** Alias to version; `latest` is always the highest. */
  aliases(name: string): { [alias: string]: number } {
    const latest = this.versions(name).at(-1)
    let stored: { [alias: string]: number } = {}
    try {
      stored = JSON.parse(readFileSync(join(this.folder(name), 'aliases.json'), 'utf8')) as typeof stored
    } catch {
      // None yet.
    }
    return latest === undefined ? stored : { ...stored, latest }
  }

  setAlias(name: string, alias: string, version: number): void {
    if (alias === 'latest') return
    const { latest: _, ...aliases } = this.aliases(name)
    writeWhole(join(this.folder(name), 'aliases.json'), JSON.stringify({ ...aliases, [alias]: version }))
  }

  /**
   * Adds a version, unless the newest one has the same files: then it is that one, with the new aliases.
   * @returns the manifest and whether it is new.
   */
  add(entry: Omit<Manifest, 'version' | 'digest'>, aliases: readonly string[]): { manifest: Manifest; isNew: boolean } {
    const { name } = entry
    const digest = digestOf(entry.files)
    makeFolder(this.folder(name))
    for (;;) {
      const last = this.versions(name).at(-1)
      let manifest: Manifest | null = last === undefined ? null : this.read(name, last)
      const isNew = manifest?.digest !== digest
      if (isNew || !manifest) {
        manifest = { ...entry, version: (last ?? -1) + 1, digest }
        try {
          writeNew(join(this.folder(name), versionFile(manifest.version)), JSON.stringify(manifest, null, 1))
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue // Another process was faster: look again.
          throw error
        }
      }
      for (const alias of aliases) this.setAlias(name, alias, manifest.version)
      return { manifest, isNew }
    }
  }

  /**
   * Finds `name`, `name:v3`, `name:3` or `name:alias`; without a version the latest.
   * @throws Error that lists what there is.
   */
  resolve(reference: string): Manifest {
    const colon = reference.lastIndexOf(':')
    const name = colon < 0 ? reference : reference.slice(0, colon)
    const wanted = colon < 0 ? 'latest' : reference.slice(colon + 1)
    const versions = this.versions(name)
    if (versions.length === 0)
      throw new Error(
        `artifact "${name}" is not there; the project has ${this.names().sort().slice(0, 20).join(', ') || 'none yet'}`,
      )
    const aliases = this.aliases(name)
    const version = /^v?\d+$/.test(wanted) ? Number(wanted.replace('v', '')) : aliases[wanted]
    if (version === undefined || !versions.includes(version))
      throw new Error(
        `artifact "${name}" has no version "${wanted}"; it has v${versions.join(', v')} and ${Object.keys(aliases).join(', ')}`,
      )
    return this.read(name, version)
  }

  has(name: string): boolean {
    return existsSync(this.folder(name))
  }
}
