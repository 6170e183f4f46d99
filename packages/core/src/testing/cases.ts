import { gradients } from '../autograd/backward.ts'
import type { ProgramGraph } from '../backends/backend.ts'
import { makeLeaf, makeNode, type Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { type OpName, registry } from '../ops/registry.ts'
import type { OpSpec, Sample, SampleInput } from '../ops/spec.ts'
import type { TypedArray } from '../tensor/dtype.ts'
import { drawElements } from './elements.ts'

/** A small program to be run on one backend or another, or differentiated numerically. */
export interface Case {
  /** The op, or whatever else is made of ops. */
  readonly op: string
  readonly name: string
  readonly inputs: readonly SampleInput[]
  /** Appends what is computed to leaves of the shapes of `inputs`. */
  outputs(inputs: readonly Node[]): Node[]
}

/** One case for each sample of each op, and for the leaves, which have none because they are not applied to anything. */
export function forwardCases(): Case[] {
  const cases: Case[] = []
  for (const [name, op] of Object.entries(registry) as [OpName, OpSpec][]) {
    op.samples().forEach((sample, i) => {
      cases.push({
        op: name,
        name: labelOf(sample, i),
        inputs: sample.inputs,
        outputs: (inputs) => [makeNode(op, inputs, sample.attrs)],
      })
    })
  }
  return [...cases, ...leafCases]
}

const leafCases: readonly Case[] = [
  { op: 'input', name: 'passed through', inputs: [{ shape: [5, 3] }], outputs: ([x]) => [x] },
  {
    op: 'constant',
    name: 'stretched',
    inputs: [],
    outputs: () => [g.expand(g.reshape(g.scalar(1.5), [1, 1]), [3, 7]), g.scalar(-2, 'int32'), g.scalar(-0)],
  },
  { op: 'iota', name: 'along both axes', inputs: [], outputs: () => [g.iota([4, 19], 0), g.iota([4, 19], 1)] },
  {
    op: 'random',
    name: 'two streams',
    inputs: [{ shape: [3], dtype: 'int32', range: [0, 1000] }],
    outputs: ([words]) =>
      [0, 1].map((stream) => makeLeaf(registry.random, { stream }, [7, 9], 'float32', false, [words])),
  },
]

/** For each sample of each op with a gradient: the gradients of a weighted sum of the result. */
export function gradientCases(): Case[] {
  const cases: Case[] = []
  for (const [name, op] of Object.entries(registry) as [OpName, OpSpec][]) {
    if (!op.gradient) continue
    op.samples().forEach((sample, i) => {
      if (!sample.inputs.some(isDifferentiable)) return
      const { shape } = inferred(op, sample)
      cases.push({
        op: name,
        name: `gradient ${labelOf(sample, i)}`,
        // The last input is the gradient that arrives from above.
        inputs: [...sample.inputs, { shape, differentiable: false }],
        outputs(inputs) {
          const operands = inputs.slice(0, -1)
          const wanted = operands.filter((_, k) => isDifferentiable(sample.inputs[k]))
          const output = makeNode(op, operands, sample.attrs)
          return gradients(output, wanted, inputs[inputs.length - 1]).filter((node) => node !== null)
        },
      })
    })
  }
  return cases
}

export function isDifferentiable({ dtype = 'float32', differentiable }: SampleInput): boolean {
  return differentiable ?? dtype === 'float32'
}

function labelOf(sample: Sample, index: number): string {
  const shapes = sample.inputs.map(({ shape, dtype }) => `${dtype ?? ''}[${shape.join(', ')}]`).join(' ')
  return sample.name ? `${sample.name} ${shapes}` : `#${index + 1} ${shapes}`
}

export function leavesOf(inputs: readonly SampleInput[]): Node[] {
  return inputs.map((input, index) =>
    makeLeaf(registry.input, { index }, input.shape, input.dtype ?? 'float32', isDifferentiable(input)),
  )
}

/** The leaves of a case, its program and its elements. */
export function prepare(
  { inputs, outputs }: Case,
  seed = 1,
): { leaves: Node[]; graph: ProgramGraph; elements: TypedArray[] } {
  const leaves = leavesOf(inputs)
  return {
    leaves,
    graph: { inputs: leaves, buffers: [], feeds: [], outputs: outputs(leaves), updates: [] },
    elements: inputs.map((input, place) => drawElements(input, seed, place)),
  }
}

function inferred(op: OpSpec, sample: Sample) {
  return op.infer(leavesOf(sample.inputs), sample.attrs)
}
