import { checkNames, received, TrainyardError } from '../errors.ts'
import { noGrad } from '../graph/node.ts'
import { activeTrace } from '../runtime/trace.ts'
import { hostNumbers, stateZeros } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Clock } from './clock.ts'
import { type OptimizerState, optimizerState, planOptimizerState } from './state.ts'

/** What every optimizer's groups have. */
export interface BaseOptions {
  /** Learning rate. */
  lr: number
  /** The learning rate a schedule started from; set by schedules. */
  initialLr?: number
}

/** Parameters with options of their own. Options may be changed at any time; the next step uses them. */
export type ParameterGroup<Options extends BaseOptions> = Options & { readonly params: readonly Tensor[] }

/** Parameters, or groups of them with options that differ from the optimizer's. */
export type Parameters<Options> = Iterable<Tensor> | Iterable<Partial<Options> & { params: Iterable<Tensor> }>

/** What an optimizer remembers of a parameter. */
export interface ParameterState {
  clock: Clock
  /** Tensors of the parameter's shape by PyTorch's names: `momentum_buffer`, `exp_avg`, … */
  readonly slots: Record<string, Tensor>
}

/** What one parameter's update is made from. */
export interface UpdateContext<Options> {
  readonly parameter: Tensor
  readonly gradient: Tensor
  readonly slots: Readonly<Record<string, Tensor>>
  /** The numbers of `factors`, as scalars that are given anew at each run. */
  readonly factors: Readonly<Record<string, Tensor>>
  readonly group: Options
}

/** A parameter's new value and those of its slots. */
export interface Updated {
  readonly parameter: Tensor
  readonly slots: Readonly<Record<string, Tensor>>
}

/** Whether a step changes anything. */
export interface StepOptions {
  /** A truth (bool, one element): where it is false, nothing is changed. For losses that are not finite. */
  readonly when?: Tensor
}

/**
 * The base of all optimizers: holds parameters in groups and changes them by their gradients. In a compiled function
 * `step` becomes part of the program; numbers such as the learning rate are asked of the host at each run.
 */
export abstract class Optimizer<Options extends BaseOptions = BaseOptions> {
  readonly paramGroups: ParameterGroup<Options>[] = []
  readonly defaults: Options
  /** What is remembered of each parameter that has been stepped. */
  readonly state = new Map<Tensor, ParameterState>()

  /**
   * @param defaults The value of every option; its names are those that there are.
   * @param options Options that differ from them.
   */
  constructor(parameters: Parameters<Options>, defaults: Options, options: Partial<Options> = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TrainyardError(`${this.name}: options are an object, as in { lr: 0.01 }, got ${received(options)}`)
    }
    checkNames(options, Object.keys(defaults), this.name)
    this.defaults = { ...defaults, ...options }
    if (typeof (parameters as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function') {
      throw new TrainyardError(
        `${this.name}: wants parameters, as model.parameters() gives them, or a list of groups, got ${received(parameters)}`,
      )
    }
    const list = [...(parameters as Iterable<Tensor | (Partial<Options> & { params: Iterable<Tensor> })>)]
    if (list.length === 0) throw new TrainyardError(`${this.name}: there are no parameters to optimise`)
    if (list.every((entry) => entry instanceof Tensor)) this.addParamGroup({ params: list } as never)
    else for (const group of list) this.addParamGroup(group as never)
  }

  /** The class's name, for messages. */
  get name(): string {
    return this.constructor.name
  }

  /** Adds parameters with options of their own, for instance when layers are unfrozen. */
  addParamGroup(group: Partial<Options> & { params: Iterable<Tensor> }): void {
    if (typeof group?.params?.[Symbol.iterator] !== 'function') {
      throw new TrainyardError(
        `${this.name}: parameters must be tensors, or groups { params: [..] } with options of their own, got ${received(group)}`,
      )
    }
    checkNames(group, ['params', ...Object.keys(this.defaults), 'initialLr'], `${this.name}: group`)
    const params = [...group.params]
    const known = new Set(this.paramGroups.flatMap(({ params: other }) => other))
    for (const parameter of params) {
      if (!(parameter instanceof Tensor)) {
        throw new TrainyardError(`${this.name}: parameters must be tensors, got ${received(parameter)}`)
      }
      if (known.has(parameter)) throw new TrainyardError(`${this.name}: ${parameter} is listed twice`)
      known.add(parameter)
    }
    const complete = { ...this.defaults, ...group, params }
    this.check(complete)
    this.paramGroups.push(complete)
  }

  /** Takes the gradients away; the next `backward` starts from nothing. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const parameter of params) parameter.grad = null
  }

  /** Changes every parameter that has a gradient. */
  step({ when }: StepOptions = {}): void {
    noGrad(() => {
      for (const group of this.paramGroups) {
        activeTrace()?.guard(group, 'structure', () => this.structure(group))
        for (const [clock, parameters] of this.#byClock(group)) this.#stepTogether(group, clock, parameters, when)
      }
    })
  }

  /** State and options under PyTorch's names. Tensors share the optimizer's memory. */
  stateDict(): OptimizerState {
    return optimizerState(this)
  }

  /** Takes over state and options. Nothing is changed when anything does not fit. */
  loadStateDict(state: OptimizerState): void {
    planOptimizerState(this, state)()
  }

  /** The names of the tensors that are remembered of each parameter under these options. */
  abstract slotNames(group: Options): readonly string[]

  /** Throws where an option makes no sense. Called for new groups and before every run. */
  abstract check(group: Options): void

  /** The numbers of a step, computed on the host in float64. `step` counts from 1. */
  protected abstract factors(group: Options, step: number): Record<string, number>

  /** Everything about the options that decides which operations are recorded; a change is traced again. */
  protected abstract structure(group: Options): string

  /** The new values of a parameter and its slots. */
  protected abstract update(context: UpdateContext<Options>): Updated

  /** The state of a parameter with all slots its group needs. */
  #stateOf(parameter: Tensor, group: Options, fresh: Clock): ParameterState {
    let state = this.state.get(parameter)
    if (!state) this.state.set(parameter, (state = { clock: fresh, slots: {} }))
    for (const name of this.slotNames(group)) state.slots[name] ??= stateZeros(parameter.shape)
    return state
  }

  /** The parameters that have a gradient, by the clock that counts their steps; those that begin now share a new one. */
  #byClock(group: ParameterGroup<Options>): Map<Clock, Tensor[]> {
    const trace = activeTrace()
    const fresh = new Clock()
    const stepping = group.params.filter((parameter) => {
      trace?.guard(parameter, 'requiresGrad', () => parameter.requiresGrad)
      return parameter.requiresGrad && parameter.grad !== null
    })
    const states = stepping.map((parameter) => this.#stateOf(parameter, group, fresh))
    this.#leaveBehind(group, new Set(states))
    const result = new Map<Clock, Tensor[]>()
    stepping.forEach((parameter, i) => {
      const state = states[i]
      trace?.guard(state, 'clock', () => state.clock)
      const together = result.get(state.clock)
      if (together) together.push(parameter)
      else result.set(state.clock, [parameter])
    })
    return result
  }

  /** Gives parameters a clock of their own where others that began with them (and are frozen now) do not step along. */
  #leaveBehind(group: ParameterGroup<Options>, stepping: ReadonlySet<ParameterState>): void {
    const halted = group.params.flatMap((parameter) => this.state.get(parameter) ?? [])
    const left = new Set(halted.filter((state) => !stepping.has(state)).map(({ clock }) => clock))
    const ahead = new Map<Clock, Clock>()
    for (const state of stepping) {
      const { clock } = state
      if (!left.has(clock)) continue
      if (!ahead.has(clock)) ahead.set(clock, new Clock(clock.steps))
      state.clock = ahead.get(clock)!
    }
  }

  #stepTogether(group: ParameterGroup<Options>, clock: Clock, parameters: readonly Tensor[], when?: Tensor): void {
    const names = Object.keys(this.factors(group, 1))
    const tick = clock.ticker()
    const numbers = hostNumbers(names.length, () => {
      this.check(group)
      return Object.values(this.factors(group, tick()))
    })
    const factors = Object.fromEntries(names.map((name, i) => [name, numbers.slice(i)]))
    const replace = (old: Tensor, value: Tensor) => old.assign(when ? when.reshape([]).where(value, old) : value)
    for (const parameter of parameters) {
      const { slots } = this.state.get(parameter)!
      const next = this.update({ parameter, gradient: parameter.grad!, slots, factors, group })
      for (const [name, value] of Object.entries(next.slots)) replace(slots[name], value)
      replace(parameter, next.parameter)
    }
  }
}
