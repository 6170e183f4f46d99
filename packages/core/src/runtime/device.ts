import type { Backend } from '../backends/backend.ts'

let backend: Backend | null = null
let makeDefault: (() => Backend | Promise<Backend>) | null = null

/** Says how the backend is made that is used where none was chosen. */
export function setDefaultBackend(make: () => Backend | Promise<Backend>): void {
  makeDefault = make
}

/** Chooses the backend for all programs compiled from now on. */
export function useBackend(chosen: Backend): void {
  backend = chosen
}

/** The chosen backend, made at its first use. */
export async function currentBackend(): Promise<Backend> {
  if (!backend) {
    if (!makeDefault) throw new Error('no backend: import @trainyard/core, which sets the default one')
    backend = await makeDefault()
  }
  return backend
}
