import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { toHtml } from './html.ts'
import { toMarkdown } from './markdown.ts'
import { standalone } from './plot.ts'
import type { Report } from './report.ts'

/** A folder that a report cannot be written to. The message is one line. */
export class ReportError extends Error {
  override name = 'ReportError'
}

/**
 * Makes sure that a report can be written to a folder, before hours of training: makes the folder and tries to write.
 *
 * @returns Takes back what was made, where nothing was put into it.
 * @throws `ReportError` that says why not and what to do.
 */
export async function prepareFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder)
  const made: string[] = []
  const takeBack = async () => {
    // Only empty folders go: rmdir refuses others.
    for (const empty of made) await rmdir(empty).catch(() => {})
  }
  try {
    for (let missing = path; !(await exists(missing)); missing = dirname(missing)) made.push(missing)
    await makeFolders(made.toReversed())
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('it is a file'), { code: 'ENOTDIR' })
    await access(path, constants.W_OK)
    const probe = join(path, `.trainyard-${randomUUID()}`)
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    await takeBack()
    throw refusal(folder, error)
  }
  return takeBack
}

/**
 * Writes `report.md`, `report.html` and `figures/*.svg` into a folder. Everything is written aside first and moved into
 * place when it is complete, so that a full disk never leaves half a report.
 *
 * @returns The path of `report.html`.
 * @throws `ReportError` where the folder cannot be written.
 */
export async function writeReport(report: Report, folder: string): Promise<string> {
  const path = resolve(folder)
  const aside = join(path, `.trainyard-${randomUUID()}`)
  const files = new Map<string, string>([
    ['report.md', toMarkdown(report)],
    ['report.html', toHtml(report)],
    ...report.figures.map(({ name, svg }): [string, string] => [join('figures', `${name}.svg`), standalone(svg)]),
  ])
  try {
    await mkdir(join(aside, 'figures'), { recursive: true })
    for (const [name, text] of files) await writeFile(join(aside, name), text)
    await mkdir(join(path, 'figures'), { recursive: true })
    for (const name of files.keys()) await rename(join(aside, name), join(path, name))
  } catch (error) {
    throw refusal(folder, error)
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
  }
  return join(path, 'report.html')
}

/**
 * Makes folders, one after the other, also where other processes (trials of a sweep) make and take away the same ones just
 * now. Folder by folder: where there can be none (/proc), Node's recursive mkdir never comes back.
 */
async function makeFolders(folders: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      for (const folder of folders) await mkdir(folder).catch(unlessThere)
      return
    } catch (error) {
      if (tries === 5 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

function refusal(folder: string, error: unknown): ReportError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: { [code: string]: string } = {
    EACCES: 'no permission to write there',
    EPERM: 'no permission to write there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOENT: 'no folder can be made there',
    ENOTDIR: 'it, or a folder above it, is a file',
    EEXIST: 'it, or a folder above it, is a file',
  }
  const reason = (code && reasons[code]) ?? message
  return new ReportError(`the results cannot be written to ${folder}: ${reason}; give another folder with --out DIR`)
}
