/**
 * jax-js as a peer of `npm run bench`: the same protocol as pytorch.py. On its WebAssembly device, which has one thread in
 * Node. Every step is one `jit`; arrays are handed over where jax-js takes them (`.ref` keeps one).
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { optionalPackage, type Untyped } from './optional.ts'
import type { Request } from './peer.ts'
import { type PeerCase, serve } from './serve.ts'

const jax = await optionalPackage('@jax-js/jax')
await jax.init('wasm')
jax.defaultDevice('wasm')
const { numpy: np, nn, lax, tree } = jax

/** Convolutions of more operations take it seconds each. */
const mostFlops = 3e8

const noise = (...shape: number[]): Untyped =>
  np
    .array(
      Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, i) => ((Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 31 - 1) as number,
      ),
    )
    .reshape(shape)
const scaled = (factor: number, ...shape: number[]): Untyped => noise(...shape).mul(factor)
const dense = (from: number, to: number): Untyped[] => [scaled(1 / Math.sqrt(from), from, to), np.zeros([to])]
const filter = (from: number, to: number): Untyped[] => [
  scaled(1 / (3 * Math.sqrt(from)), to, from, 3, 3),
  np.zeros([to, 1, 1]),
]
const linear = (x: Untyped, [weight, bias]: Untyped[]): Untyped => np.matmul(x, weight).add(bias)
const labels = (): Untyped =>
  nn.oneHot(
    np.array(
      Int32Array.from({ length: 64 }, (_, i) => i % 10),
      { dtype: np.int32 },
    ),
    10,
  )

/** Waits for what a call gives and lets go of it. */
const settle = async (result: Untyped): Promise<void> => tree.dispose(await jax.blockUntilReady(result))

function xorNet(p: Untyped[], x: Untyped): Untyped {
  return linear(np.tanh(linear(np.tanh(linear(x, p[0])), p[1])), p[2])
}
function mlpNet(p: Untyped[], x: Untyped): Untyped {
  return linear(nn.relu(linear(nn.relu(linear(x, p[0])), p[1])), p[2])
}
function cnnNet(p: Untyped[], x: Untyped): Untyped {
  const block = (input: Untyped, [weight, bias]: Untyped[]): Untyped => {
    const output = nn.relu(lax.convGeneralDilated(input, weight, [1, 1], 'VALID').add(bias))
    return lax.reduceWindow(output, np.max, [2, 2], [2, 2])
  }
  return linear(block(block(x, p[0]), p[1]).reshape([64, 800]), p[2])
}
const crossEntropy = (logits: Untyped, y: Untyped): Untyped =>
  nn
    .logSoftmax(logits, 1)
    .mul(y)
    .sum()
    .mul(-1 / 64)
const bce = (z: Untyped, y: Untyped): Untyped => np.mean(nn.softplus(z.ref).sub(z.mul(y)))

type Net = (p: Untyped[], x: Untyped) => Untyped
type Loss = (output: Untyped, y: Untyped) => Untyped

/** SGD, with momentum where it is given; parameters and velocities go from call to call. */
function step(net: Net, loss: Loss, p: Untyped[], x: Untyped, y: Untyped, lr: number, momentum: number): PeerCase {
  const gradient = jax.grad((q: Untyped[], input: Untyped, target: Untyped) => loss(net(q, input), target))
  const update = jax.jit((q: Untyped[], v: Untyped[], input: Untyped, target: Untyped) => {
    const g = gradient(tree.ref(q), input, target)
    const velocities = tree.map((a: Untyped, b: Untyped) => a.mul(momentum).add(b), v, g)
    const parameters = tree.map((w: Untyped, b: Untyped) => w.sub(b.mul(lr)), q, tree.ref(velocities))
    return [parameters, velocities]
  })
  let state = [p, tree.map((w: Untyped) => np.zerosLike(w), tree.ref(p))]
  return {
    async call() {
      state = update(state[0], state[1], x.ref, y.ref)
      await jax.blockUntilReady(state)
    },
  }
}

function inference(net: Net, p: Untyped[], x: Untyped): PeerCase {
  const run = jax.jit((q: Untyped[], input: Untyped) => nn.logSoftmax(net(q, input), 1))
  return { call: () => settle(run(tree.ref(p), x.ref)) }
}

function product({ m, n, k, transposedA, transposedB }: Record<string, Untyped>): PeerCase {
  const [a, b] = [transposedA ? noise(k, m) : noise(m, k), transposedB ? noise(n, k) : noise(k, n)]
  const run = jax.jit((x: Untyped, y: Untyped) =>
    np.matmul(transposedA ? np.matrixTranspose(x) : x, transposedB ? np.matrixTranspose(y) : y),
  )
  return { call: () => settle(run(a.ref, b.ref)) }
}

function convolution(request: Record<string, Untyped>): PeerCase | null {
  const { op, images, inChannels, outChannels, size, kernel, stride, padding, groups } = request
  if (groups > 1) return null
  const out = Math.floor((size + 2 * padding - kernel) / stride) + 1
  const flops = 2 * images * out * out * inChannels * outChannels * kernel * kernel
  if (flops > mostFlops) return { note: 'not asked: it takes seconds' }
  const pads = [
    [padding, padding],
    [padding, padding],
  ]
  const convolve = (x: Untyped, w: Untyped): Untyped => lax.convGeneralDilated(x, w, [stride, stride], pads)
  const [x, w] = [noise(images, inChannels, size, size), noise(outChannels, inChannels, kernel, kernel)]
  if (op === 'forward') {
    const run = jax.jit(convolve)
    return { call: () => settle(run(x.ref, w.ref)) }
  }
  const y = noise(images, outChannels, out, out)
  const argnums = op === 'inputGradient' ? 0 : 1
  const product = (a: Untyped, b: Untyped, c: Untyped): Untyped => convolve(a, b).mul(c).sum()
  const run = jax.jit(jax.grad(product, { argnums }))
  return { call: () => settle(run(x.ref, w.ref, y.ref)) }
}

function make(request: Request): PeerCase | null {
  if (request.op === 'gemm') return product(request)
  if (request.op) return convolution(request)
  const mlp = (): Untyped[] => [dense(784, 128), dense(128, 64), dense(64, 10)]
  const cnn = (): Untyped[] => [filter(1, 16), filter(16, 32), dense(800, 10)]
  switch (request.case) {
    case 'xor_step':
    case 'xor_call': {
      const y = np.array(Float32Array.from({ length: 128 }, (_, i) => i % 2)).reshape([128, 1])
      return step(xorNet, bce, [dense(2, 3), dense(3, 3), dense(3, 1)], noise(128, 2), y, 0.1, 0)
    }
    case 'mlp_step':
      return step(mlpNet, crossEntropy, mlp(), noise(64, 784), labels(), 0.002, 0.9)
    case 'mlp_infer':
      return inference(mlpNet, mlp(), noise(64, 784))
    case 'cnn_step':
      return step(cnnNet, crossEntropy, cnn(), noise(64, 1, 28, 28), labels(), 0.002, 0.9)
    case 'cnn_infer':
      return inference(cnnNet, cnn(), noise(64, 1, 28, 28))
    default:
      return null
  }
}

const manifest = new URL('../package.json', import.meta.resolve('@jax-js/jax'))
const { version } = JSON.parse(readFileSync(fileURLToPath(manifest), 'utf8'))
await serve({ version: `${version} (wasm, one thread)` }, make)
