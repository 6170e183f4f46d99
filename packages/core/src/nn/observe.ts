import type { AnyModule } from './module.ts'

/** One call of a module's `forward`. */
export interface ModuleCall {
  /** The module's state-dict key; '' for the outermost. */
  readonly key: string
  readonly module: AnyModule
  /** How deep it is nested in the calls: 0 for the outermost. */
  readonly depth: number
  /** Whether it has no modules below. */
  readonly isLayer: boolean
  readonly inputs: readonly unknown[]
  /** Set when the call has ended. */
  output: unknown
}

/**
 * Runs `fn` while every call of a module of the model is written down.
 *
 * @returns The calls in the order in which they began, and in which they ended.
 */
export function observe<T>(model: AnyModule, fn: () => T): { result: T; begun: ModuleCall[]; ended: ModuleCall[] } {
  const begun: ModuleCall[] = []
  const ended: ModuleCall[] = []
  const undo: (() => void)[] = []
  let depth = 0
  for (const [key, module] of model.namedModules()) {
    const own = Object.getOwnPropertyDescriptor(module, 'forward')
    const original = module.forward
    const isLayer = module.children().length === 0
    const forward = (...inputs: never[]) => {
      const call: ModuleCall = { key, module, depth, isLayer, inputs, output: undefined }
      begun.push(call)
      depth++
      try {
        call.output = original.apply(module, inputs)
      } finally {
        depth--
      }
      ended.push(call)
      return call.output
    }
    // Not enumerable: a field that can be listed would be taken for part of the module.
    Object.defineProperty(module, 'forward', { value: forward, configurable: true, enumerable: false, writable: true })
    undo.push(() => {
      if (own) Object.defineProperty(module, 'forward', own)
      else delete (module as { forward?: unknown }).forward
    })
  }
  try {
    return { result: fn(), begun, ended }
  } finally {
    for (const restore of undo) restore()
  }
}
