/** Saved workspaces: the same text as in the address, kept by the server under a name. */
import type { Json } from '@trainyard/tracker/api'
import { readState, type WorkspaceState, writeState } from './state.ts'

/** A layout of this name opens by itself. */
export const ownDefault = 'default'

/** Which runs are shown belongs to the moment, not to the layout. */
const passing = ['layout', 'hidden', 'shown', 'only'] as const

export function layoutValue(state: WorkspaceState): Json {
  const query = writeState(state)
  for (const name of passing) query.delete(name)
  return { version: 1, query: query.toString() }
}

/** The workspace as it was saved; what belongs to the moment stays as it is. */
export function applyLayout(value: Json, name: string, current: WorkspaceState): WorkspaceState {
  const query =
    typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value.query === 'string'
      ? value.query
      : ''
  const saved = readState(new URLSearchParams(query))
  const { hidden, shown, only } = current
  return { ...saved, hidden, shown, only, layout: name }
}

export const isChanged = (state: WorkspaceState, saved: Json): boolean =>
  JSON.stringify(layoutValue(state)) !== JSON.stringify(saved)
