/** Saved workspaces, one file each. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConflictError, NotFoundError } from '../index/runIndex.ts'
import { writeWhole } from '../store/blobs.ts'
import { checkName, folderName, nameOfFolder } from '../store/paths.ts'
import type { Json, Layout, LayoutInfo } from './api/index.ts'
import { RequestError } from './failures.ts'

const MAX_LAYOUT = 1 << 20
const MAX_LAYOUTS = 1000

export class LayoutStore {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  private file(name: string): string {
    return join(this.folder, `${folderName(checkName('a layout', name))}.json`)
  }

  list(): LayoutInfo[] {
    let files: string[]
    try {
      files = readdirSync(this.folder)
    } catch {
      return []
    }
    return files
      .flatMap((file) => {
        const name = file.endsWith('.json') ? nameOfFolder(file.slice(0, -5)) : null
        const layout = name === null ? null : this.read(name)
        return layout ? [{ name: layout.name, updated: layout.updated, revision: layout.revision }] : []
      })
      .sort((a, b) => b.updated - a.updated)
  }

  private read(name: string): Layout | null {
    try {
      return { ...(JSON.parse(readFileSync(this.file(name), 'utf8')) as Layout), name }
    } catch {
      return null
    }
  }

  get(name: string): Layout {
    const layout = this.read(name)
    if (!layout) throw new NotFoundError(`there is no layout "${name}"`)
    return layout
  }

  save(name: string, value: Json, revision: number | undefined): LayoutInfo {
    const file = this.file(name)
    const current = this.read(name)?.revision ?? 0
    if (revision !== undefined && revision !== current)
      throw new ConflictError(
        `layout "${name}" was saved by somebody else meanwhile: it is at revision ${current}, not ${revision}`,
      )
    const info = { name, updated: Date.now() / 1000, revision: current + 1 }
    const text = JSON.stringify({ ...info, value })
    if (text.length > MAX_LAYOUT)
      throw new RequestError(413, 'too-large', `a layout of ${text.length} bytes: at most ${MAX_LAYOUT}`)
    if (current === 0 && this.list().length >= MAX_LAYOUTS)
      throw new RequestError(409, 'conflict', `there are ${MAX_LAYOUTS} layouts already: delete some`)
    writeWhole(file, text)
    return info
  }

  remove(name: string): void {
    const file = this.file(name)
    if (!statSync(file, { throwIfNoEntry: false })) throw new NotFoundError(`there is no layout "${name}"`)
    rmSync(file)
  }
}
