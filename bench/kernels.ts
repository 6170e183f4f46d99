/**
 * Speed of the wasm backend's kernels at the sizes of the studies' models, on one core: GFLOP/s and percent of the
 * register tile's peak. Winograd's algorithm counts as the products that it replaces, so it passes 100 %. Words choose cases: `node --conditions=trainyard-source bench/kernels.ts [words] [--json]`.
 * `TRAINYARD_REVECTORIZE=0` measures the 128-bit tiles.
 */
import { measurePeak, wasmFeatures } from '../packages/core/src/backends/wasm/features/index.ts'
import {
  type Conv2dSpec,
  emitConv2d,
  emitConv2dInputGradient,
  emitConv2dWeightGradient,
  emitGemm,
  emitPackConv2dWeights,
  emitPackInputGradientWeights,
  emitPackMatrix,
  emitReduceWeightGradient,
  type GemmSpec,
  inputGradientPacking,
  packedConv2dFloats,
  packedFloats,
} from '../packages/core/src/backends/wasm/kernels/index.ts'
import { conv2dSpec, layoutFloats } from '../packages/core/src/backends/wasm/kernels/testing/conv2d.ts'
import { KernelBench, randomFloats } from '../packages/core/src/backends/wasm/kernels/testing/kernelBench.ts'

interface Row {
  readonly name: string
  readonly megaflops: number
  /** GFLOP/s of each kernel of the case. */
  readonly rates: Readonly<Record<string, number>>
  /** Milliseconds of packing and of summing partial gradients, which repeat once a step. */
  readonly overhead: Readonly<Record<string, number>>
}

const features = wasmFeatures()
const { tile } = features
const flavour = features.relaxedSimd ? 'relaxed' : 'strict'
const batch = Number(process.env.BENCH_BATCH ?? 2)

/** Shortest of several runs: the machine's other work only ever adds. */
function shortest(flops: number, run: () => void): number {
  const repeats = Math.max(1, Math.floor(3e7 / Math.max(1e6, flops)))
  run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 10; round++) {
    const start = performance.now()
    for (let i = 0; i < repeats; i++) run()
    best = Math.min(best, (performance.now() - start) / repeats)
  }
  return best
}

function measureGemm(name: string, spec: GemmSpec, transposedB = false): Row {
  const { m, n, k } = spec
  const bench = new KernelBench(
    (module) => [
      emitGemm(module, spec, { tile }),
      emitPackMatrix(module, { k, n, layout: { transposed: transposedB } }, { tile }),
    ],
    flavour,
  )
  bench.buffer('a', randomFloats(m * k))
  bench.buffer('matrix', randomFloats(n * k))
  bench.buffer('packed', packedFloats(k, n))
  bench.buffer('c', m * n)
  const flops = 2 * m * n * k
  const time = shortest(flops, () => bench.run(0, 1, { b: spec.b === 'packed' ? 'packed' : 'matrix' }))
  const overhead: Record<string, number> = {}
  if (spec.b === 'packed') overhead.pack = shortest(flops, () => bench.run(1))
  return { name, megaflops: flops / 1e6, rates: { gemm: flops / time / 1e6 }, overhead }
}

function measureConv2d(name: string, spec: Conv2dSpec): Row {
  let partial: ReturnType<typeof emitConv2dWeightGradient> | undefined
  const bench = new KernelBench(
    (m) => {
      partial = emitConv2dWeightGradient(m, spec, { tile })
      return [
        emitPackConv2dWeights(m, spec, { tile }),
        emitConv2d(m, spec, { tile }),
        partial,
        emitReduceWeightGradient(m, spec, partial.chunks, { tile }),
        emitPackInputGradientWeights(m, spec, { tile }),
        ...emitConv2dInputGradient(m, spec, { tile }),
      ]
    },
    flavour,
    64,
  )
  const weights = (spec.outChannels * spec.inChannels * spec.kernelHeight * spec.kernelWidth) / spec.groups
  bench.buffer('input', randomFloats(layoutFloats(spec.input, spec.images)))
  bench.buffer('output', randomFloats(layoutFloats(spec.output, spec.images)))
  bench.buffer('inputGradient', layoutFloats(spec.input, spec.images))
  bench.buffer('matrix', randomFloats(weights))
  bench.buffer('weights', packedConv2dFloats(spec))
  bench.buffer('flipped', inputGradientPacking(spec).floats)
  bench.buffer('partials', partial!.chunks * partial!.chunkFloats)
  bench.buffer('weightGradient', weights)
  const scratch = bench.kernels.map((kernel) => ('scratchBytes' in kernel ? Number(kernel.scratchBytes) : 0))
  bench.buffer('scratch', Math.max(...scratch) / 4)
  const { flops } = partial!
  const forInput = bench.kernels.map((_, index) => index).slice(5)
  const time = {
    forward: shortest(flops, () => bench.run(1)),
    input: shortest(flops, () => {
      for (const index of forInput)
        bench.run(index, 1, { input: 'output', weights: 'flipped', output: 'inputGradient' })
    }),
    weight: shortest(flops, () => bench.run(2)),
  }
  const overhead = {
    pack: shortest(flops, () => bench.run(0, 1, { packed: 'weights' })),
    flip: shortest(flops, () => bench.run(4, 1, { packed: 'flipped' })),
    reduce: shortest(flops, () => bench.run(3)),
  }
  const rates = Object.fromEntries(Object.entries(time).map(([key, ms]) => [key, flops / ms / 1e6]))
  return { name, megaflops: flops / 1e6, rates, overhead }
}

const square = (size: number): [string, () => Row] => [
  `gemm ${size}³`,
  () => measureGemm(`gemm ${size}³`, { m: size, n: size, k: size, b: 'packed' }),
]
const gemm = (name: string, spec: GemmSpec, transposedB = false): [string, () => Row] => [
  name,
  () => measureGemm(name, spec, transposedB),
]
const conv = (
  name: string,
  inChannels: number,
  outChannels: number,
  size: number,
  kernel: number,
  more: Partial<Parameters<typeof conv2dSpec>[0]> = {},
): [string, () => Row] => {
  const label = `${name} ${kernel}x${kernel}${more.stride === 2 ? ' /2' : ''} ${inChannels}->${outChannels} @${size}`
  const shape = { images: batch, inChannels, outChannels, height: size, width: size, kernel, padding: kernel >> 1 }
  return [label, () => measureConv2d(label, conv2dSpec({ ...shape, ...more }))]
}
const depthwise = (channels: number, size: number, kernel: number, stride: number) =>
  conv('depthwise', channels, channels, size, kernel, { groups: channels, stride })

const cases: [string, () => Row][] = [
  square(128),
  square(512),
  square(1024),
  gemm('xor 128x3x2', { m: 128, n: 3, k: 2, b: 'packed' }, true),
  gemm('mlp forward 64x128x784', { m: 64, n: 128, k: 784, b: 'packed' }, true),
  gemm('mlp weights 128x784x64', { m: 128, n: 784, k: 64, a: { transposed: true } }),
  gemm('mlp head 64x10x128', { m: 64, n: 10, k: 128, b: 'packed' }, true),
  gemm('cnn head 64x10x800', { m: 64, n: 10, k: 800, b: 'packed' }, true),
  gemm('matrix by vector 1024x1x1024', { m: 1024, n: 1, k: 1024 }),
  gemm('vector by matrix 1x1024x1024', { m: 1, n: 1024, k: 1024 }),
  conv('cnn', 1, 16, 28, 3, { images: 64, padding: 0 }),
  conv('cnn', 16, 32, 13, 3, { images: 64, padding: 0 }),
  conv('decoder', 432, 256, 16, 3),
  conv('decoder', 256, 256, 16, 3),
  conv('decoder', 296, 128, 32, 3),
  conv('decoder', 152, 64, 64, 3),
  conv('decoder', 96, 32, 128, 3),
  conv('decoder', 32, 16, 256, 3),
  conv('decoder', 16, 16, 256, 3),
  conv('head', 16, 1, 256, 3),
  conv('stem', 3, 32, 256, 3, { stride: 2 }),
  conv('expand', 24, 144, 64, 1),
  conv('project', 144, 24, 64, 1),
  conv('project', 1152, 320, 8, 1),
  depthwise(32, 128, 3, 1),
  depthwise(144, 64, 5, 2),
  depthwise(480, 16, 5, 1),
  depthwise(1152, 8, 3, 1),
]

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const chosen = cases.filter(([name]) => words.every((word) => name.includes(word)))
const peak = measurePeak(100)
const rows: Row[] = []
const asJson = process.argv.includes('--json')
if (!asJson) {
  console.log(`peak of one core ${peak.toFixed(1)} GFLOP/s, revectorised: ${features.revectorize}, ${flavour} flavour`)
}
for (const [, measure] of chosen) {
  const row = measure()
  rows.push(row)
  if (asJson) continue
  const rates = Object.entries(row.rates)
    .map(([kind, rate]) => `${kind} ${rate.toFixed(0).padStart(4)} (${((100 * rate) / peak).toFixed(0).padStart(3)} %)`)
    .join('  ')
  const overhead = Object.entries(row.overhead)
    .map(([kind, ms]) => `${kind} ${(1000 * ms).toFixed(0)}`)
    .join(' ')
  console.log(
    `${row.name.padEnd(34)} ${row.megaflops.toFixed(1).padStart(7)} MFLOP  ${rates}${overhead && `  µs: ${overhead}`}`,
  )
}
if (asJson) console.log(JSON.stringify({ peak, revectorize: features.revectorize, flavour, batch, rows }, null, 2))
