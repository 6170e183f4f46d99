/** Which commit the program ran from, and what was changed since. */
import { run } from './system.ts'

export interface GitState {
  commit: string
  branch: string | null
  remote: string | null
  dirty: boolean
  /** What was not committed, null where nothing or too much (over 2 MB). */
  diff: string | null
}

const MAX_DIFF = 2e6

/** Passwords and tokens in the address of a remote are nobody's business. */
export const withoutCredentials = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')

const known = new Map<string, Promise<GitState | null>>()

/**
 * Null where the folder is in no git repository, or git is not there. Asked once a process: what runs is what was loaded when it began, whatever
 * is committed meanwhile.
 */
export function gitState(cwd: string): Promise<GitState | null> {
  const state = known.get(cwd) ?? askGit(cwd)
  known.set(cwd, state)
  return state
}

async function askGit(cwd: string): Promise<GitState | null> {
  const commit = (await run('git', ['rev-parse', 'HEAD'], cwd))?.trim()
  if (!commit) return null
  const [branch, remote, status, diff] = await Promise.all([
    run('git', ['rev-parse', '--abbrev-ref', 'HEAD'], cwd),
    run('git', ['remote', 'get-url', 'origin'], cwd),
    run('git', ['status', '--porcelain', '--untracked-files=no'], cwd),
    run('git', ['diff', '--no-color', '--no-ext-diff', 'HEAD'], cwd),
  ])
  return {
    commit,
    branch: branch?.trim() || null,
    remote: remote ? withoutCredentials(remote.trim()) : null,
    dirty: Boolean(status?.trim()),
    diff: diff && diff.length <= MAX_DIFF ? diff : null,
  }
}
