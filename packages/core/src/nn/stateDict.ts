import { received, TrainyardError } from '../errors.ts'
import { bufferNode, realize } from '../runtime/realize.ts'
import { wrapArray } from '../tensor/create.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { AnyModule } from './module.ts'
import { Buffer } from './parameter.ts'

/** Parameters and buffers by PyTorch's keys. */
export type StateDict = Record<string, Tensor>

/** What a state dict and a module did not have in common. */
export interface LoadResult {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
}

/** A state dict that does not fit a module. */
export class StateDictError extends TrainyardError {
  override name = 'StateDictError'
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  /** A line for each key whose shapes differ. */
  readonly mismatched: readonly string[]

  constructor(
    message: string,
    missing: readonly string[],
    unexpected: readonly string[],
    mismatched: readonly string[],
  ) {
    super(message)
    this.missing = missing
    this.unexpected = unexpected
    this.mismatched = mismatched
  }
}

function* persistent(module: AnyModule): Generator<[string, Tensor]> {
  for (const [key, tensor] of module.namedTensors()) {
    if (!(tensor instanceof Buffer) || tensor.persistent) yield [key, tensor]
  }
}

/** The state of a module: tensors that share its memory. */
export function stateOf(module: AnyModule): StateDict {
  return Object.fromEntries(
    Array.from(persistent(module), ([key, tensor]) => [
      key,
      tensor.isRealized ? new Tensor(bufferNode(tensor.storage, tensor.shape)) : tensor.detach(),
    ]),
  )
}

/** Copies a state dict, so that it stays what it is while training goes on. */
export async function copyState(state: StateDict): Promise<StateDict> {
  await realize(Object.values(state))
  return Object.fromEntries(
    Object.entries(state).map(([key, tensor]) => [
      key,
      wrapArray(tensor.storage.read().slice(), tensor.shape, tensor.dtype),
    ]),
  )
}

/** Checks a state against a module and takes it over when it fits. */
export function loadState(module: AnyModule, state: StateDict, strict: boolean): LoadResult {
  const { apply, ...result } = planState(module, state, strict)
  apply()
  return result
}

/** Checks a state against a module; `apply` takes it over and cannot fail. */
export function planState(module: AnyModule, state: StateDict, strict: boolean): LoadResult & { apply(): void } {
  const wrong =
    typeof state !== 'object' || !state ? [state] : Object.values(state).filter((t) => !(t instanceof Tensor))
  if (wrong.length > 0) {
    throw new TrainyardError(
      `loadStateDict: a state is an object of tensors by their keys, as stateDict() gives it, got ${received(wrong[0])}`,
    )
  }
  const own = new Map(persistent(module))
  const missing = [...own.keys()].filter((key) => !Object.hasOwn(state, key))
  const unexpected = Object.keys(state).filter((key) => !own.has(key))
  const shared = [...own].filter(([key]) => Object.hasOwn(state, key))
  const mismatched = shared
    .filter(([key, tensor]) => !sameShape(state[key].shape, tensor.shape))
    .map(([key, tensor]) => `${key} is ${formatShape(tensor.shape)}, given ${formatShape(state[key].shape)}`)
  if (mismatched.length > 0 || (strict && missing.length + unexpected.length > 0)) {
    const parts = [
      strict && missing.length > 0 ? `missing ${several(missing)}` : '',
      strict && unexpected.length > 0 ? `unexpected ${several(unexpected)}` : '',
      mismatched.length > 0 ? `shapes differ: ${several(mismatched)}` : '',
    ].filter((part) => part !== '')
    const advice = mismatched.length > 0 ? '' : '; { strict: false } loads the keys both have'
    throw new StateDictError(
      `loadStateDict: the state does not fit this ${module.constructor.name}, nothing was loaded: ${parts.join('; ')}${advice}`,
      missing,
      unexpected,
      mismatched,
    )
  }
  const apply = () => {
    for (const [key, tensor] of shared) tensor.assign(state[key].detach().cast(tensor.dtype))
  }
  return { missing, unexpected, apply }
}

function several(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}
