import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backend } from '../backends/backend.ts'
import { reference } from '../backends/reference/index.ts'
import type { OpName } from '../ops/registry.ts'
import type { TypedArray } from '../tensor/dtype.ts'
import { type Case, forwardCases, gradientCases, prepare } from './cases.ts'
import { assertClose, type Tolerance } from './close.ts'
import { asArguments } from './elements.ts'
import { fusedCases } from './fusedCases.ts'
import { gatheredCases } from './gatheredCases.ts'
import { joinedCases } from './joinedCases.ts'
import { largeCases } from './largeCases.ts'
import { specialCases } from './specialCases.ts'

/** What float32 kernels may differ from the oracle by: a few roundings, more where many products are added. */
const ORDINARY: Tolerance = { absolute: 2e-6, relative: 2e-6 }
const CONTRACTION: Tolerance = { absolute: 2e-5, relative: 2e-5 }
/** Over a thousand products of size 1 that cancel: float32 sums of them err by about √n · 2⁻²⁴ · Σ|products|. */
const LONG_CONTRACTION: Tolerance = { absolute: 6e-5, relative: 2e-5 }
const contractions: readonly string[] = [
  'matmul',
  'conv2d',
  'conv2dInputGrad',
  'conv2dWeightGrad',
  'sum',
  'sumPool2d',
  'joined',
] satisfies (OpName | 'joined')[]

/**
 * Adds a test for every sample of every op, and for its gradients, that a backend computes what the oracle does.
 * Integers and truths must be equal, real numbers close.
 */
export function checkParity(backend: Backend): void {
  for (const example of allCases()) {
    test(`${backend.name}: ${example.op}, ${example.name}`, async () => {
      const { graph } = prepare(example)
      const expected = await run(reference, example)
      const actual = await run(backend, example)
      const long = example.name.startsWith('large')
      const tolerance = !contractions.includes(example.op) ? ORDINARY : long ? LONG_CONTRACTION : CONTRACTION
      graph.outputs.forEach(({ dtype }, i) => {
        const exact = dtype !== 'float32'
        if (exact) assert.deepEqual(actual[i], expected[i])
        else assertClose(actual[i], expected[i], tolerance, `output ${i}`)
      })
    })
  }
}

/**
 * Adds a test for every sample, and for cases large enough to be split, that any number of threads gives the bits of one.
 *
 * @param make Makes the backend with so many threads.
 */
export function checkThreads(make: (threads: number) => Backend | Promise<Backend>, counts = [2, 3]): void {
  const single = Promise.resolve(make(1))
  const several = counts.map((count) => ({ count, backend: Promise.resolve(make(count)) }))
  for (const example of allCases()) {
    test(`the same bits with ${counts.join(' and ')} threads: ${example.op}, ${example.name}`, async () => {
      const expected = await run(await single, example)
      for (const { count, backend } of several) {
        const actual = await run(await backend, example)
        assert.deepEqual(actual.map(bitsOf), expected.map(bitsOf), `${count} threads`)
      }
    })
  }
}

function allCases(): Case[] {
  const fused = [...joinedCases(), ...fusedCases(), ...gatheredCases()]
  return [...forwardCases(), ...gradientCases(), ...specialCases(), ...largeCases(), ...fused]
}

function bitsOf(array: TypedArray): Int32Array {
  return new Int32Array(array.buffer, array.byteOffset, array.length)
}

async function run(backend: Backend, example: Case): Promise<TypedArray[]> {
  const { graph, elements } = prepare(example)
  const program = await backend.build(graph)
  const results = await program.run({ inputs: asArguments(elements), buffers: [], feeds: [] })
  return results.map((result) => result.read())
}
