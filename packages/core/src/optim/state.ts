import { TrainyardError } from '../errors.ts'
import { bufferNode } from '../runtime/realize.ts'
import { stateZeros } from '../tensor/create.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Clock } from './clock.ts'
import type { BaseOptions, Optimizer, ParameterState } from './optimizer.ts'

/** PyTorch's layout: state by the number of the parameter, groups with the numbers of their parameters. */
export interface OptimizerState {
  readonly state: Readonly<Record<string, Readonly<Record<string, Tensor | number>>>>
  readonly param_groups: readonly Readonly<Record<string, unknown>>[]
}

const snake = (name: string) => name.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`)
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The parameters of all groups in order: their places are their numbers. */
function numbered(optimizer: Optimizer<never>): Tensor[] {
  return optimizer.paramGroups.flatMap(({ params }) => params)
}

export function optimizerState<Options extends BaseOptions>(optimizer: Optimizer<Options>): OptimizerState {
  const parameters = numbered(optimizer as never)
  const numberOf = new Map(parameters.map((parameter, i) => [parameter, i]))
  const state: Record<string, Record<string, Tensor | number>> = {}
  parameters.forEach((parameter, i) => {
    const entry = optimizer.state.get(parameter)
    if (!entry) return
    const slots = Object.entries(entry.slots).map(([name, tensor]) => [
      name,
      tensor.isRealized ? new Tensor(bufferNode(tensor.storage, tensor.shape)) : tensor.detach(),
    ])
    state[i] = { step: entry.clock.steps, ...Object.fromEntries(slots) }
  })
  return {
    state,
    param_groups: optimizer.paramGroups.map(({ params, ...options }) => ({
      ...Object.fromEntries(Object.entries(options).map(([name, value]) => [snake(name), value])),
      params: params.map((parameter) => numberOf.get(parameter)!),
    })),
  }
}

/** Checks a state against an optimizer; the function that is returned takes it over and cannot fail. */
export function planOptimizerState<Options extends BaseOptions>(
  optimizer: Optimizer<Options>,
  saved: OptimizerState,
): () => void {
  const { state, param_groups: groups } = saved ?? {}
  const misfit = (what: string) =>
    new TrainyardError(
      `loadStateDict: the state does not fit this ${optimizer.name}, nothing was loaded: ${what}; was it saved from another model or optimizer?`,
    )
  if (!Array.isArray(groups) || typeof state !== 'object' || !state) {
    throw misfit('it must have "state" and "param_groups"')
  }
  const own = optimizer.paramGroups
  if (groups.length !== own.length) throw misfit(`${groups.length} groups of parameters, ${own.length} here`)
  const options = own.map((group, i) => {
    const { params, ...given } = groups[i]
    if (!Array.isArray(params) || params.length !== group.params.length) {
      throw misfit(`group ${i} has ${(params as unknown[])?.length} parameters, ${group.params.length} here`)
    }
    // Options that we do not have (foreach, capturable, …) say how PyTorch computes, not what.
    const known = Object.entries(given)
      .map(([name, value]) => [camel(name), value] as const)
      .filter(([name]) => Object.hasOwn(group, name) || name === 'initialLr')
    const merged = { ...group, ...Object.fromEntries(known) }
    optimizer.check(merged)
    return merged
  })

  // PyTorch numbers parameters by group order; saved numbers may be any, so they are matched by place.
  const clocks = new Map<string, Clock>()
  const loaded = new Map<Tensor, ParameterState>()
  for (const [g, group] of own.entries()) {
    const numbers = groups[g].params as number[]
    for (const [i, parameter] of group.params.entries()) {
      const entry = state[numbers[i]]
      if (!entry) continue
      const steps = numberOf(entry.step) ?? 1
      const names = optimizer.slotNames(options[g])
      const slots: Record<string, Tensor> = {}
      for (const name of names) {
        const value = entry[name]
        if (!(value instanceof Tensor)) throw misfit(`${name} of parameter ${numbers[i]} is missing`)
        if (!sameShape(value.shape, parameter.shape)) {
          throw misfit(
            `${name} of parameter ${numbers[i]} is ${formatShape(value.shape)}, the parameter ${formatShape(parameter.shape)}`,
          )
        }
        slots[name] = value
      }
      const key = `${g} ${steps}`
      if (!clocks.has(key)) clocks.set(key, new Clock(steps))
      loaded.set(parameter, { clock: clocks.get(key)!, slots })
    }
  }

  return () => takeOver(optimizer, options, loaded)
}

function takeOver<Options extends BaseOptions>(
  optimizer: Optimizer<Options>,
  options: readonly object[],
  loaded: ReadonlyMap<Tensor, ParameterState>,
): void {
  optimizer.paramGroups.forEach((group, i) => {
    Object.assign(group, options[i])
  })
  // What had no state when this was saved starts anew.
  const fresh = new Clock()
  const clockOf = (parameter: Tensor): Clock => loaded.get(parameter)?.clock ?? fresh
  // Compiled functions hold on to slots and clocks: they are overwritten, not replaced, but where parameters that have
  // stepped together here had not when this was saved.
  const successors = new Map<Clock, Set<Clock>>()
  for (const [parameter, { clock }] of optimizer.state) {
    successors.set(clock, (successors.get(clock) ?? new Set()).add(clockOf(parameter)))
  }
  for (const [parameter, current] of optimizer.state) {
    const next = clockOf(parameter)
    if (successors.get(current.clock)?.size !== 1) current.clock = next
    else current.clock.steps = next.steps
    if (loaded.has(parameter)) continue
    for (const slot of Object.values(current.slots)) slot.assign(stateZeros(slot.shape))
  }
  for (const [parameter, next] of loaded) {
    const current = optimizer.state.get(parameter) ?? { clock: next.clock, slots: {} }
    for (const [name, value] of Object.entries(next.slots)) {
      current.slots[name] ??= stateZeros(parameter.shape)
      current.slots[name].assign(value.detach())
    }
    optimizer.state.set(parameter, current)
  }
}

function numberOf(step: Tensor | number | undefined): number | undefined {
  if (step instanceof Tensor) return step.isRealized ? step.storage.read()[0] : undefined
  return typeof step === 'number' ? step : undefined
}
