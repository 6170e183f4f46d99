/**
 * The one door to Node's built-in modules. They are fetched when first needed instead of imported, so that everything in
 * this package loads in a browser too, where only the functions that touch files fail, and say why.
 */
interface Builtins {
  'node:crypto': typeof import('node:crypto')
  'node:fs': typeof import('node:fs')
  'node:fs/promises': typeof import('node:fs/promises')
  'node:module': typeof import('node:module')
  'node:os': typeof import('node:os')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
  'node:worker_threads': typeof import('node:worker_threads')
}

/** Whether Node's built-in modules can be had here. */
export const hasBuiltins: boolean = typeof globalThis.process?.getBuiltinModule === 'function'

/** Returns a Node built-in module, or throws where there is none (a browser). */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const module = hasBuiltins ? globalThis.process.getBuiltinModule(name) : undefined
  if (!module)
    throw new Error(
      `${name} is not available here: files can only be read in Node; in a browser, pass the bytes themselves`,
    )
  return module as Builtins[Name]
}
