import { nodeBuiltin } from './node.ts'

interface V8Module {
  setFlagsFromString(flag: string): void
}

/** A V8 flag with the setting that undoes it. */
export interface V8Flag {
  readonly on: string
  readonly off: string
}

/**
 * Runs something under V8 flags and takes them back afterwards. Flags belong to the whole process, so other people's
 * WebAssembly should not meet ours. Outside Node this only runs `body`.
 */
export function withV8Flags<T>(flags: readonly V8Flag[], body: () => T): T {
  const v8 = nodeBuiltin<V8Module>('node:v8')
  if (!v8) return body()
  for (const { on } of flags) v8.setFlagsFromString(on)
  try {
    return body()
  } finally {
    for (const { off } of flags) v8.setFlagsFromString(off)
  }
}
