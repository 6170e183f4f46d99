import { FormatError } from '../errors.ts'
import type { AnyModule } from '../nn/module.ts'
import { planState, type StateDict } from '../nn/stateDict.ts'
import type { AnyOptimizer, ScheduleState } from '../optim/schedule/schedule.ts'
import { type OptimizerState, planOptimizerState } from '../optim/state.ts'
import { readBytes, writeAtomically } from '../platform/files.ts'
import { Generator, type GeneratorState } from '../random/generator.ts'
import { Tensor } from '../tensor/tensor.ts'
import { CHECKSUM_KEY } from './safetensors/checksum.ts'
import { readSafetensors, writeSafetensors } from './safetensors/safetensors.ts'

/** Anything with the state of a schedule. */
export interface Stateful {
  /** What it takes to continue, as JSON. */
  stateDict(): ScheduleState
  /** Takes over such a state; throws, unchanged, where it does not fit. */
  loadStateDict(state: ScheduleState): void
}

/** What a training consists of, as far as it is to be continued. */
export interface CheckpointParts {
  /** Parameters and buffers. */
  readonly model?: AnyModule
  /** Moments, step counts and options. */
  readonly optimizer?: AnyOptimizer
  /** Where the learning rate stands. */
  readonly schedule?: Stateful
  /** Generators by name; give `defaultGenerator` where the default one is used. */
  readonly generators?: Readonly<Record<string, Generator>>
}

/** Anything that JSON can hold: epoch, step, the best loss so far, options. */
export type Progress = Readonly<Record<string, unknown>>

/** The contents of a checkpoint. */
export interface Checkpoint {
  readonly model: StateDict | null
  readonly optimizer: OptimizerState | null
  readonly schedule: ScheduleState | null
  readonly generators: Readonly<Record<string, GeneratorState>>
  readonly progress: Progress
}

const FORMAT = 'trainyard checkpoint 1'

/** Makes the bytes of a checkpoint: a safetensors file with a checksum. */
export async function packCheckpoint(
  { model, optimizer, schedule, generators = {} }: CheckpointParts,
  progress: Progress = {},
): Promise<Uint8Array> {
  const tensors: Record<string, Tensor> = {}
  for (const [key, tensor] of Object.entries(model?.stateDict() ?? {})) tensors[`model.${key}`] = tensor
  const optimizerState = optimizer?.stateDict() ?? null
  const numbers: Record<string, Record<string, number>> = {}
  for (const [parameter, slots] of Object.entries(optimizerState?.state ?? {})) {
    numbers[parameter] = {}
    for (const [name, value] of Object.entries(slots)) {
      if (value instanceof Tensor) tensors[`optimizer.${parameter}.${name}`] = value
      else numbers[parameter][name] = value
    }
  }
  const state = {
    model: model !== undefined,
    optimizer: optimizerState && { numbers, param_groups: optimizerState.param_groups },
    schedule: schedule?.stateDict() ?? null,
    generators: Object.fromEntries(Object.entries(generators).map(([name, generator]) => [name, generator.state])),
    progress,
  }
  return writeSafetensors(tensors, { metadata: { format: FORMAT, state: JSON.stringify(state) }, checksum: true })
}

/** Reads the bytes of a checkpoint without applying it to anything. */
export function unpackCheckpoint(bytes: Uint8Array, source = 'checkpoint'): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, source)
  if (metadata.format !== FORMAT) {
    throw new FormatError(
      `${source}: is not a checkpoint of Trainyard, but ${metadata.format ? `"${metadata.format}"` : 'plain weights'}; give weights to loadStateDict`,
    )
  }
  if (metadata[CHECKSUM_KEY] === undefined) throw new FormatError(`${source}: is damaged: its checksum is missing`)
  // The checksum fitted: what follows is as it was written.
  const state = JSON.parse(metadata.state)
  const part = (prefix: string) =>
    Object.entries(tensors)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, t]) => [key.slice(prefix.length), t])
  const slots: Record<string, Record<string, Tensor | number>> = structuredClone(state.optimizer?.numbers ?? {})
  for (const [key, tensor] of part('optimizer.') as [string, Tensor][]) {
    const [parameter, name] = key.split('.')
    slots[parameter] ??= {}
    slots[parameter][name] = tensor
  }
  return {
    model: state.model ? Object.fromEntries(part('model.')) : null,
    optimizer: state.optimizer && { state: slots, param_groups: state.optimizer.param_groups },
    schedule: state.schedule,
    generators: state.generators,
    progress: state.progress,
  }
}

/** Applies a checkpoint to the parts that are given. When one of them does not fit, none is changed. */
export function restoreCheckpoint(checkpoint: Checkpoint, parts: CheckpointParts, source = 'checkpoint'): Progress {
  const { model, optimizer, schedule, generators = {} } = parts
  const missing = (what: string): never => {
    throw new FormatError(`${source}: holds no ${what}`)
  }
  const planModel = model && planState(model, checkpoint.model ?? missing('model'), true)
  const planOptimizer = optimizer && planOptimizerState(optimizer, checkpoint.optimizer ?? missing('optimizer'))
  const states = Object.entries(generators).map(([name, generator]) => {
    const state = checkpoint.generators[name] ?? missing(`random generator "${name}"`)
    new Generator().state = state
    return { generator, state }
  })
  // The schedule checks before it changes anything; what comes after it cannot fail.
  if (schedule) schedule.loadStateDict(checkpoint.schedule ?? missing('schedule'))
  planModel?.apply()
  planOptimizer?.()
  for (const { generator, state } of states) generator.state = state
  return checkpoint.progress
}

/**
 * Saves everything that is needed to go on, whole or not at all.
 *
 * @param progress Anything that JSON can hold: epoch, step, the best loss so far.
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * const optimizer = new optim.Adam(model.parameters())
 * const generators = { default: defaultGenerator }
 * await io.saveCheckpoint('runs/last.safetensors', { model, optimizer, generators }, { epoch: 3 })
 * const progress = await io.loadCheckpoint('runs/last.safetensors', { model, optimizer, generators })
 * console.log(progress.epoch) // 3
 * ```
 */
export async function saveCheckpoint(path: string, parts: CheckpointParts, progress: Progress = {}): Promise<void> {
  await writeAtomically(path, await packCheckpoint(parts, progress))
}

/** Reads a checkpoint without applying it to anything: for those who look first. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  return unpackCheckpoint(await readBytes(path), path)
}

/**
 * Reads a checkpoint and applies it to the parts that are given.
 *
 * @returns The progress it was saved with.
 * @throws `FormatError` for a file that is damaged or no checkpoint, `StateDictError` and others for one of another model;
 * nothing is changed then.
 */
export async function loadCheckpoint(path: string, parts: CheckpointParts): Promise<Progress> {
  return restoreCheckpoint(await readCheckpoint(path), parts, path)
}
