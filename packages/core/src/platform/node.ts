/**
 * Node's built-in modules without an import, so that the same files load in a browser.
 * Gives `undefined` where there is no such module.
 */
export function nodeBuiltin<M>(name: string): M | undefined {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined
  return process.getBuiltinModule(name) as M | undefined
}

/** The major version of Node, or 0 elsewhere. */
export const nodeMajorVersion: number =
  typeof process === 'undefined' ? 0 : Number(process.versions?.node?.split('.')[0] ?? 0)

/** An environment variable, or `undefined` where there are none. */
export function environmentVariable(name: string): string | undefined {
  return typeof process === 'undefined' ? undefined : process.env?.[name]
}
