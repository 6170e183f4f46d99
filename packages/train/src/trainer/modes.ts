import type { nn } from '@trainyard/core'

/** Remembers which modules are in training mode and returns what puts them back, parts set apart by the user included. */
export function rememberModes(model: nn.AnyModule): () => void {
  const modes = model.modules().map((module) => [module, module.training] as const)
  return () => {
    // Parents come first: each sets everything below, and those below set themselves right afterwards.
    for (const [module, training] of modes) if (module.training !== training) module.train(training)
  }
}
