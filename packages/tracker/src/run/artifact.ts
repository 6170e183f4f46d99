/** A set of files with a name, made by one run and used by others; every change makes a new version. */
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { type JsonObject, toJson } from '../log/records.ts'
import type { Manifest } from '../store/artifacts.ts'
import { blobPath } from '../store/blobs.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { checkName, NameError } from '../store/paths.ts'
import type { ArtifactInput } from './messages.ts'

/** What is said of an artifact beside its name. */
export interface ArtifactOptions {
  /** What it is: `model`, `dataset`, … Default `file`. */
  type?: string
  /** In words. Default: none. */
  description?: string
  /** JSON, such as the score of a model. Default: none. */
  metadata?: { [key: string]: unknown }
}

/** A path inside an artifact: relative, with `/`, without `..`. */
export function checkInnerPath(path: string): string {
  const clean = path.replaceAll('\\', '/')
  if (
    clean === '' ||
    clean.startsWith('/') ||
    /^[A-Za-z]:/.test(clean) ||
    clean.split('/').some((part) => part === '..' || part === '')
  )
    throw new NameError(
      `a path inside a run or artifact must be relative and without "..", got ${JSON.stringify(path)}`,
    )
  return clean
}

/**
 * Describes what `run.logArtifact` will take.
 * @example
 * ```ts
 * const run = await init({ project: 'xray' })
 * const model = new Artifact('unet', { type: 'model' }).addBytes('best.bin', new Uint8Array(8))
 * await run.logArtifact(model, { aliases: ['best'] })
 * const used = await run.useArtifact('unet:best')
 * console.log(used.paths) // ['best.bin']
 * await run.finish()
 * ```
 */
export class Artifact {
  readonly name: string
  readonly type: string
  private readonly description: string
  private readonly metadata: JsonObject
  private readonly paths = new Set<string>()
  private readonly files: { path: string; file: string }[] = []
  private readonly contents: { path: string; bytes: Uint8Array }[] = []

  constructor(name: string, { type = 'file', description = '', metadata = {} }: ArtifactOptions = {}) {
    this.name = checkName('an artifact', name)
    if (name.includes(':')) throw new NameError(`an artifact's name holds no ":", got ${JSON.stringify(name)}`)
    this.type = type
    this.description = description
    this.metadata = toJson(metadata) as JsonObject
  }

  /**
   * Adds a file, which is read when the artifact is logged.
   *
   * @param path Where it stands in the artifact, with `/` for folders; default: its name.
   * @throws NameError where the path is absolute, holds "..", or is in the artifact already.
   */
  addFile(file: string, path = basename(file)): this {
    if (!statSync(file).isFile()) throw new Error(`${file} is no file`)
    this.files.push({ path: this.newPath(path), file: resolve(file) })
    return this
  }

  /** Everything below a folder. */
  addFolder(folder: string): this {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const file = join(entry.parentPath, entry.name)
        this.addFile(file, relative(folder, file).split(sep).join('/'))
      }
    return this
  }

  /** Adds a file with these contents; they are copied. `path` is where it stands in the artifact. */
  addBytes(path: string, bytes: Uint8Array | string): this {
    const copy = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes.slice()
    this.contents.push({ path: this.newPath(path), bytes: copy })
    return this
  }

  private newPath(path: string): string {
    const clean = checkInnerPath(path)
    if (this.paths.has(clean)) throw new NameError(`artifact "${this.name}" has a file "${clean}" already`)
    this.paths.add(clean)
    return clean
  }

  /** What the run keeps of it; for `run.logArtifact`. */
  toInput(aliases: string[]): ArtifactInput {
    for (const alias of aliases) {
      checkName('an alias', alias)
      if (alias.includes(':') || /^v?\d+$/.test(alias))
        throw new NameError(
          `an alias is a word such as "best": no ":", no version's number, got ${JSON.stringify(alias)}`,
        )
    }
    const { name, type: kind, description, metadata, files, contents } = this
    return { name, kind, description, metadata, aliases, files, contents }
  }
}

/** A version of an artifact that a run uses. */
export class UsedArtifact {
  readonly manifest: Manifest
  private readonly blobs: string

  constructor(manifest: Manifest, blobs: string) {
    this.manifest = manifest
    this.blobs = blobs
  }

  /** Its number, counted from 0. */
  get version(): number {
    return this.manifest.version
  }

  /** The paths of its files. */
  get paths(): string[] {
    return this.manifest.files.map(({ path }) => path)
  }

  /** Where the bytes of one of its files lie; for reading only. */
  file(path: string): string {
    const found = this.manifest.files.find((file) => file.path === path)
    if (!found)
      throw new Error(`artifact "${this.manifest.name}" has no file "${path}"; it has ${this.paths.join(', ')}`)
    return blobPath(this.blobs, found.blob.sha256)
  }

  /** Copies all its files into a folder. */
  download(folder: string): string {
    for (const { path } of this.manifest.files) {
      const target = join(folder, checkInnerPath(path))
      makeFolder(dirname(target), 'name another folder to download to')
      copyFileSync(this.file(path), target)
    }
    return folder
  }
}
