import { nn, optim, TrainyardError } from '@trainyard/core'
import type { Batches } from '../batches.ts'
import type { FitOptions, TrainerOptions } from './options.ts'

/** Every option there is; the type makes sure that none is forgotten. */
const known: Record<keyof TrainerOptions, true> = {
  model: true,
  optimizer: true,
  loss: true,
  metrics: true,
  schedule: true,
  scheduleEvery: true,
  clipGradNorm: true,
  clipGradValue: true,
  accumulate: true,
  preciseBatchNorm: true,
  unpack: true,
  progress: true,
  logger: true,
  logging: true,
  checkpoints: true,
  earlyStopping: true,
  callbacks: true,
  generators: true,
}

/** Refuses options that would fail only later, or silently do nothing. */
export function checkOptions(options: TrainerOptions): void {
  const { model, optimizer, loss, metrics = {}, accumulate = 1, callbacks = [] } = options ?? {}
  if (!(model instanceof nn.Module)) throw new TrainyardError('Trainer: wants a model: { model, optimizer, loss }')
  if (!(optimizer instanceof optim.Optimizer)) {
    throw new TrainyardError('Trainer: wants an optimizer, such as new optim.Adam(model.parameters())')
  }
  if (typeof loss !== 'function' && !(loss instanceof nn.Module)) {
    throw new TrainyardError(
      'Trainer: wants a loss: a function of outputs and targets, or a module such as new nn.MSELoss()',
    )
  }
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(known, name))
  if (unknown.length > 0) {
    throw new TrainyardError(
      `Trainer: there is no option "${unknown[0]}"; there is ${Object.keys(known).join(', ')}; epochs and validation are given to fit`,
    )
  }
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric === 'function' || typeof metric?.counts === 'function') continue
    throw new TrainyardError(`Trainer: metric "${name}" must be a function, or an object with counts and value`)
  }
  if (!Number.isInteger(accumulate) || accumulate < 1) {
    throw new TrainyardError(`Trainer: accumulate must be a whole number of at least 1, got ${accumulate}`)
  }
  const trained = new Set(optimizer.paramGroups.flatMap(({ params }) => params))
  if (!model.parameters().some((parameter) => trained.has(parameter))) {
    throw new TrainyardError(
      "Trainer: the optimizer holds none of the model's parameters; make it from model.parameters() of this very model",
    )
  }
  const names = callbacks.filter(({ stateDict }) => stateDict).map(({ name }) => name)
  if (names.includes(undefined) || new Set(names).size < names.length) {
    throw new TrainyardError('Trainer: every callback with a stateDict needs a name of its own')
  }
}

/** The same for what is given to `fit`. */
export function checkFit<Batch>(
  batches: Batches<Batch>,
  { epochs, validateEvery = 1, resume }: FitOptions<Batch>,
  { checkpoints }: TrainerOptions,
): void {
  if (!isIterable(batches))
    throw new TrainyardError('Trainer: fit wants batches that can be gone through, such as a loader')
  if (!Number.isInteger(epochs) || epochs < 0) {
    throw new TrainyardError(`Trainer: fit wants how many epochs to train, as in { epochs: 10 }, got ${epochs}`)
  }
  if (!Number.isInteger(validateEvery) || validateEvery < 1) {
    throw new TrainyardError(`Trainer: validateEvery must be a whole number of at least 1, got ${validateEvery}`)
  }
  if (resume === true && !checkpoints) {
    throw new TrainyardError(
      'Trainer: resume: true wants to know where: give the Trainer checkpoints: { folder }, or a file',
    )
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}
