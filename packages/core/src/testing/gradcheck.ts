import assert from 'node:assert/strict'
import { gradients } from '../autograd/backward.ts'
import type { RunArguments } from '../backends/backend.ts'
import { referenceDouble } from '../backends/reference/index.ts'
import { makeLeaf, type Node } from '../graph/node.ts'
import type { Storage } from '../graph/storage.ts'
import { build as g } from '../ops/build.ts'
import { registry } from '../ops/registry.ts'
import { programGraph } from '../runtime/program.ts'
import { allocate, type TypedArray } from '../tensor/dtype.ts'
import { sizeOf } from '../tensor/shape.ts'
import { type Case, isDifferentiable, leavesOf } from './cases.ts'
import { asArguments, drawElements } from './elements.ts'

const STEP = 1e-5

/**
 * Compares the gradients of a case with central differences along some directions, in float64: the error is about step²
 * and rounding / step, 1e-10 both. All outputs are combined to one number with fixed random weights.
 */
export function checkGradient(example: Case, tolerance = 1e-6): void {
  const leaves = leavesOf(example.inputs)
  const outputs = example.outputs(leaves).filter((node) => node.dtype === 'float32')
  const weights = outputs.map((node, i) =>
    makeLeaf(registry.input, { index: leaves.length + i }, node.shape, 'float32'),
  )
  const total = outputs
    .map((node, i) => g.sum(g.mul(node, weights[i]), [...node.shape.keys()]))
    .reduce((a, b) => g.add(a, b))
  const places = [...leaves.keys()].filter((i) => isDifferentiable(example.inputs[i]))
  const wanted = places.map((i) => leaves[i])
  // Null where the outputs do not depend on an input: second derivatives of what is linear.
  const analytic = gradients(total, wanted, g.scalar(1))

  const elements = [
    ...example.inputs.map((input, place) => drawElements(input, 1, place)),
    ...weights.map(({ shape }, place) => drawElements({ shape, range: [0.5, 1.5] }, 99, place)),
  ].map((array) => Float64Array.from(array) as unknown as TypedArray)
  const evaluator = (roots: Node[]) => {
    const inputs = [...leaves, ...weights]
    const graph = programGraph(inputs, roots, [])
    const program = referenceDouble.build(graph) as SynchronousProgram
    const buffers = graph.buffers.map((node) => node.attrs.storage)
    return () => program.run({ inputs: asArguments(elements), buffers, feeds: [] }).map((result) => result.read())
  }
  const value = evaluator([total])
  const found = evaluator(analytic.filter((node) => node !== null))()
  let next = 0
  places.forEach((place, k) => {
    const gradient = analytic[k] ? found[next++] : allocate('float32', sizeOf(leaves[place].shape))
    directions(gradient.length).forEach((direction, nth) => {
      const at = elements[place]
      const before = at.slice()
      const move = (distance: number): number => {
        direction.forEach((d, i) => {
          at[i] = before[i] + distance * d
        })
        return value()[0][0]
      }
      const numeric = (move(STEP) - move(-STEP)) / (2 * STEP)
      at.set(before)
      const expected = direction.reduce((sum, d, i) => sum + d * gradient[i], 0)
      assert.ok(
        Math.abs(numeric - expected) <= tolerance * Math.max(1, Math.abs(numeric)),
        `${example.op}, ${example.name}: along direction ${nth} of input ${place} the gradient gives ${expected}, differences give ${numeric}`,
      )
    })
  })
}

/** Two directions that involve every element at once, and some elements alone. */
function directions(size: number): Float64Array[] {
  const mixed = [1, 2].map((seed) => Float64Array.from(drawElements({ shape: [size], range: [-1, 1] }, seed, 7)))
  const few = Math.min(size, 5)
  const single = Array.from({ length: few }, (_, k) => {
    const direction = new Float64Array(size)
    direction[Math.floor(((k + 0.5) * size) / few)] = 1
    return direction
  })
  return [...mixed, ...single]
}

interface SynchronousProgram {
  run(args: RunArguments): Storage[]
}
