import type { ProgramGraph } from '../backends/backend.ts'
import { makeLeaf, type Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { programGraph } from '../runtime/program.ts'
import { planKernels, prepareResults } from './fuse.ts'
import { printKernels } from './print.ts'
import type { Target } from './target.ts'

/** A target without kernels that want images: passes are tested alone, without a backend. */
export const plainTarget: Target = {
  imageOperands: () => [],
  rowMajorOperands: () => [],
  givesRowMajor: () => false,
  givesImage: () => false,
}

let count = 0

/** An argument of a program. */
export function argument(shape: readonly number[], dtype: Node['dtype'] = 'float32'): Node {
  return makeLeaf(ops.input, { index: count++ }, shape, dtype)
}

/** A program that gives back nodes. */
export function program(...outputs: Node[]): ProgramGraph {
  const inputs = new Set<Node>()
  const visit = (node: Node): void => {
    if (node.op === ops.input) inputs.add(node)
    node.inputs.forEach(visit)
  }
  outputs.forEach(visit)
  return programGraph([...inputs], outputs, [])
}

/** The kernels of a program in words. */
export function kernelsOf(...outputs: Node[]): string[] {
  const graph = program(...outputs)
  return printKernels(planKernels(prepareResults(graph, plainTarget), graph, plainTarget).kernels).split('\n')
}
