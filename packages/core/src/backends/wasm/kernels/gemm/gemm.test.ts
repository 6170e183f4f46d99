import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emitCombineStatistics } from '../combineStatistics.ts'
import { biasEpilogue } from '../epilogue.ts'
import { assertClose, KernelBench, randomFloats, type Variant, variants } from '../testing/kernelBench.ts'
import { checkStatistics, gatheredStatistics, gathering, noEpilogue, statisticBuffers } from '../testing/statistics.ts'
import { emitGemm, type GemmKernel } from './gemm.ts'
import { emitPackMatrix, packedFloats } from './pack.ts'
import type { GemmSpec } from './spec.ts'

interface Case {
  m: number
  n: number
  k: number
  batch: number
  aTransposed: boolean
  b: 'plain' | 'packed' | 'packedTransposed'
  sharedB: boolean
  padding: number
  accumulate: boolean
  bias: boolean
  sums: boolean
}

/** The kernel's naive twin, in float64. */
function naive(c: Case, a: Float32Array, b: Float32Array, old: Float32Array, bias: Float32Array) {
  const { m, n, k, batch, padding } = c
  const aLeading = (c.aTransposed ? m : k) + padding
  const bLeading = (c.b === 'packedTransposed' ? k : n) + padding
  const cLeading = n + padding
  const result = Float64Array.from(old)
  const scale = Float64Array.from(old, Math.abs)
  for (let item = 0; item < batch; item++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        const at = (item * m + i) * cLeading + j
        let sum = c.accumulate ? old[at]! : 0
        let magnitude = Math.abs(sum)
        for (let p = 0; p < k; p++) {
          const aAt = c.aTransposed ? (item * k + p) * aLeading + i : (item * m + i) * aLeading + p
          const bItem = c.sharedB ? 0 : item
          const bAt = c.b === 'packedTransposed' ? (bItem * n + j) * bLeading + p : (bItem * k + p) * bLeading + j
          sum += a[aAt]! * b[bAt]!
          magnitude += Math.abs(a[aAt]! * b[bAt]!)
        }
        result[at] = sum + (c.bias ? bias[j]! : 0)
        scale[at] = magnitude + 1
      }
  return { result, scale }
}

function check(c: Case, variant: Variant): void {
  const { m, n, k, batch, padding } = c
  const aLeading = (c.aTransposed ? m : k) + padding
  const bTransposed = c.b === 'packedTransposed'
  const bLeading = (bTransposed ? k : n) + padding
  const bBatch = c.sharedB ? 1 : batch
  const spec: GemmSpec = {
    m,
    n,
    k,
    batch,
    a: { transposed: c.aTransposed, leading: aLeading },
    b: c.b === 'plain' ? { leading: bLeading } : 'packed',
    c: { leading: n + padding },
    accumulate: c.accumulate,
    sharedB: c.sharedB,
  }
  const { tile } = variant
  const bench = new KernelBench(
    (module) => {
      const epilogue = c.bias ? biasEpilogue : noEpilogue
      const kernel = emitGemm(module, spec, { tile, epilogue: c.sums ? gathering(epilogue) : epilogue })
      const layout = { transposed: bTransposed, leading: bLeading }
      return [
        kernel,
        emitPackMatrix(module, { k, n, batch: bBatch, layout }, { tile }),
        emitCombineStatistics(module, { rows: kernel.partialRows, columns: n, statistics: gatheredStatistics }),
      ]
    },
    variant.flavour,
    1,
  )
  const { partialRows, scratchBytes } = bench.kernels[0] as GemmKernel
  const a = randomFloats(batch * (c.aTransposed ? k : m) * aLeading, 2)
  const b = randomFloats(bBatch * (bTransposed ? n : k) * bLeading, 3)
  const old = randomFloats(batch * m * (n + padding), 4)
  const bias = randomFloats(n, 5)
  bench.buffer('a', a)
  bench.buffer('plain', b)
  bench.buffer('packed', bBatch * packedFloats(k, n))
  bench.buffer('c', old)
  bench.buffer('bias', bias)
  statisticBuffers(bench, partialRows, n)
  bench.buffer('scratch', scratchBytes / 4)
  const names = { b: c.b === 'plain' ? 'plain' : 'packed' }
  bench.run(1, 2, { matrix: 'plain' })

  const bits = [1, 2, 3].map((threads) => {
    bench.view('c').set(old)
    bench.view('statistics').fill(9)
    bench.run(0, threads, names)
    return [...bench.view('c'), ...bench.view('statistics')]
  })
  assert.deepEqual(bits[1], bits[0], 'two threads give the bits of one')
  assert.deepEqual(bits[2], bits[0], 'three threads give the bits of one')
  bench.checkGuards()
  const expected = naive(c, a, b, old, bias)
  assertClose(bench.view('c'), expected.result, expected.scale)
  if (!c.sums) return
  const rows = Array.from({ length: batch * m }, (_, row) =>
    bench
      .view('c')
      .subarray(row * (n + padding))
      .slice(0, n),
  )
  checkStatistics(
    bench,
    2,
    rows.flatMap((row) => [...row]),
    n,
  )
}

const plain: Case = {
  m: 1,
  n: 1,
  k: 1,
  batch: 1,
  aTransposed: false,
  b: 'packed',
  sharedB: false,
  padding: 0,
  accumulate: false,
  bias: false,
  sums: false,
}

test('GEMM equals its naive twin for any small shape, layout and batch, in both flavours and any thread count', () => {
  const size = (max: number) => fc.integer({ min: 1, max })
  const cases = fc.record({
    m: size(40),
    n: size(40),
    k: size(40),
    batch: size(3),
    aTransposed: fc.boolean(),
    b: fc.constantFrom('plain', 'packed', 'packedTransposed'),
    sharedB: fc.boolean(),
    padding: fc.constantFrom(0, 3),
    accumulate: fc.boolean(),
    bias: fc.boolean(),
    sums: fc.boolean(),
  }) as fc.Arbitrary<Case>
  fc.assert(
    fc.property(cases, fc.constantFrom(...variants), (c, variant) => check(c, variant)),
    { numRuns: 120 },
  )
})

const sizes: [string, Partial<Case>][] = [
  ['the XOR net: 128x3x2', { m: 128, n: 3, k: 2, bias: true }],
  ['MNIST MLP forward: 64x128x784', { m: 64, n: 128, k: 784, b: 'packedTransposed', bias: true }],
  ['MNIST MLP weight gradient: 784x128x64', { m: 784, n: 128, k: 64, aTransposed: true, b: 'plain' }],
  ['MNIST CNN head: 64x10x800', { m: 64, n: 10, k: 800, b: 'packedTransposed', bias: true, sums: true }],
  ['a vector by a matrix: 1x300x700', { m: 1, n: 300, k: 700, b: 'plain' }],
  ['a matrix by a vector: 700x1x300', { m: 700, n: 1, k: 300, b: 'plain' }],
  ['an outer product: 200x300x1', { m: 200, n: 300, k: 1, b: 'plain' }],
  ['several cuts of k, with sums: 131x67x1001', { m: 131, n: 67, k: 1001, sums: true, accumulate: true }],
  ['rows copied together, in several cuts of k: 70x259x1029', { m: 70, n: 259, k: 1029, sums: true, bias: true }],
  ['rows copied together, batches: 3 of 65x256x130', { m: 65, n: 256, k: 130, batch: 3, padding: 3 }],
  ['many rows: 5003x24x16', { m: 5003, n: 24, k: 16, sums: true, bias: true }],
  ['many small matrices: 50 of 7x9x5', { m: 7, n: 9, k: 5, batch: 50, b: 'plain' }],
]
for (const [name, c] of sizes)
  test(`GEMM of ${name}`, () => {
    for (const variant of variants) check({ ...plain, ...c }, variant)
  })

test('register tiles of any shape give the same bits', () => {
  const spec: GemmSpec = { m: 37, n: 45, k: 700, b: {} }
  const results = [
    { rows: 6, vectors: 4, unroll: 2 },
    { rows: 4, vectors: 2, unroll: 1 },
    { rows: 5, vectors: 3, unroll: 4 },
  ].map((tile) => {
    const bench = new KernelBench((module) => emitGemm(module, spec, { tile }), 'relaxed', 1)
    bench.buffer('a', randomFloats(37 * 700, 1))
    bench.buffer('b', randomFloats(45 * 700, 2))
    bench.buffer('c', 37 * 45)
    bench.run()
    return [...bench.view('c')]
  })
  assert.deepEqual(results[1], results[0])
  assert.deepEqual(results[2], results[0])
})

test('a transposed B that is not packed is refused', () => {
  assert.throws(
    () =>
      new KernelBench(
        (module) => emitGemm(module, { m: 2, n: 2, k: 2, b: { transposed: true } }, { tile: variants[0]!.tile }),
        'strict',
      ),
    /gemm 2x2x2: a transposed B has to be packed first/,
  )
})
