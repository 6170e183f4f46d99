import { type nn, TrainyardError } from '@trainyard/core'

/**
 * Refuses weights that do not fit a module entry by entry.
 *
 * @param name What the module is called in the message.
 * @throws `TrainyardError` with the first ten entries that are missing, not expected or of another shape.
 */
export function refuseMisfits(name: string, own: nn.StateDict, given: nn.StateDict): void {
  const keys = Object.keys(own)
  const faults = [
    ...keys.filter((key) => !given[key]).map((key) => `${key} is missing`),
    ...Object.keys(given)
      .filter((key) => !own[key])
      .map((key) => `${key} is not expected`),
    ...keys
      .filter((key) => given[key] && given[key].shape.join() !== own[key].shape.join())
      .map((key) => `${key} is [${given[key].shape.join(', ')}] instead of [${own[key].shape.join(', ')}]`),
  ]
  if (faults.length === 0) return
  // Counters that `keepCounters` filled in were not given.
  const count = Object.keys(given).filter((key) => given[key] !== own[key]).length
  throw new TrainyardError(
    `weights: these are not of ${name}, nothing was loaded; ${faults.length} entries do not fit (${count} given, ${keys.length} needed): ${faults.slice(0, 10).join('; ')}${faults.length > 10 ? '; …' : ''}`,
  )
}

/** Counters say how often running statistics were moved; files of weights for use often lack them. */
export function keepCounters(own: nn.StateDict, given: nn.StateDict): void {
  for (const key of Object.keys(own)) if (key.endsWith('.num_batches_tracked')) given[key] ??= own[key]
}
