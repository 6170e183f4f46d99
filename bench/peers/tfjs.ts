/**
 * TensorFlow.js as a peer of `npm run bench`: the same protocol as pytorch.py. On its WebAssembly backend with SIMD, which
 * has one thread in Node and no kernel for the gradient of a convolution's weights; so the CNN's step runs on its plain
 * CPU backend.
 */
import { optionalPackage, type Untyped } from './optional.ts'
import type { Request } from './peer.ts'
import { type PeerCase, serve } from './serve.ts'

const tf = await optionalPackage('@tensorflow/tfjs')
const wasm = await optionalPackage('@tensorflow/tfjs-backend-wasm')
// It says on stdout what else one could install.
console.log = console.error

const onCpu = 'plain cpu backend: the wasm backend has no Conv2DBackpropFilter'
const noFilterGradient = 'the wasm backend has no gradient for the weights of a convolution, none at all for depthwise'

type Layer = readonly [weight: Untyped, bias: Untyped]

const uniform = (bound: number, ...shape: number[]): Untyped => tf.randomUniform(shape, -bound, bound)
const dense = (from: number, to: number): Layer => [
  tf.variable(uniform(1 / Math.sqrt(from), from, to)),
  tf.variable(tf.zeros([to])),
]
const filter = (from: number, to: number): Layer => [
  tf.variable(uniform(1 / (3 * Math.sqrt(from)), 3, 3, from, to)),
  tf.variable(tf.zeros([to])),
]
const linear = (x: Untyped, [weight, bias]: Layer): Untyped => tf.add(tf.matMul(x, weight), bias)
const labels = (): Untyped =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 64 }, (_, i) => i % 10),
      'int32',
    ),
    10,
  )

function xorStep(): PeerCase {
  const layers = [dense(2, 3), dense(3, 3), dense(3, 1)]
  const [x, y] = [tf.randomUniform([128, 2], -1, 1), tf.cast(tf.greater(tf.randomUniform([128, 1]), 0.5), 'float32')]
  const optimizer = tf.train.sgd(0.1)
  const loss = (): Untyped => {
    const hidden = tf.tanh(linear(tf.tanh(linear(x, layers[0])), layers[1]))
    return tf.losses.sigmoidCrossEntropy(y, linear(hidden, layers[2]))
  }
  return { call: () => optimizer.minimize(loss) }
}

function mlp(): (x: Untyped) => Untyped {
  const layers = [dense(784, 128), dense(128, 64), dense(64, 10)]
  return (x) => linear(tf.relu(linear(tf.relu(linear(x, layers[0])), layers[1])), layers[2])
}

function cnn(): (x: Untyped) => Untyped {
  const [first, second, head] = [filter(1, 16), filter(16, 32), dense(800, 10)]
  const block = (x: Untyped, [weight, bias]: Layer): Untyped =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, weight, 1, 'valid'), bias)), 2, 2, 'valid')
  return (x) => linear(tf.reshape(block(block(x, first), second), [64, 800]), head)
}

function step(net: (x: Untyped) => Untyped, shape: readonly number[], note?: string): PeerCase {
  const [x, y] = [tf.randomUniform(shape, -1, 1), labels()]
  const optimizer = tf.train.momentum(0.002, 0.9)
  return {
    ...(note && { note }),
    call: () => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, net(x))),
  }
}

function inference(net: (x: Untyped) => Untyped, shape: readonly number[]): PeerCase {
  const x = tf.randomUniform(shape, -1, 1)
  return { call: () => tf.dispose(tf.tidy(() => tf.logSoftmax(net(x)))) }
}

function product({ m, n, k, transposedA, transposedB }: Record<string, Untyped>): PeerCase {
  const a = tf.randomUniform(transposedA ? [k, m] : [m, k], -1, 1)
  const b = tf.randomUniform(transposedB ? [n, k] : [k, n], -1, 1)
  return { call: () => tf.dispose(tf.matMul(a, b, transposedA, transposedB)) }
}

function convolution(request: Record<string, Untyped>): PeerCase | null {
  const { op, images, inChannels, outChannels, size, kernel, stride, padding, groups } = request
  if (op === 'weightGradient' || (op === 'inputGradient' && groups > 1)) return { note: noFilterGradient }
  const x = tf.randomUniform([images, size, size, inChannels], -1, 1)
  if (groups > 1) {
    const weights = tf.randomUniform([kernel, kernel, inChannels, 1], -1, 1)
    return { call: () => tf.dispose(tf.depthwiseConv2d(x, weights, stride, padding)) }
  }
  const weights = tf.randomUniform([kernel, kernel, inChannels, outChannels], -1, 1)
  if (op === 'forward') return { call: () => tf.dispose(tf.conv2d(x, weights, stride, padding)) }
  const gradient = tf.conv2d(x, weights, stride, padding)
  return { call: () => tf.dispose(tf.conv2dTranspose(gradient, weights, x.shape, stride, padding)) }
}

async function make(request: Request): Promise<PeerCase | null> {
  await tf.setBackend(request.case === 'cnn_step' ? 'cpu' : 'wasm')
  if (request.op === 'gemm') return product(request)
  if (request.op) return convolution(request)
  switch (request.case) {
    case 'xor_step':
    case 'xor_call':
      return xorStep()
    case 'mlp_step':
      return step(mlp(), [64, 784])
    case 'mlp_infer':
      return inference(mlp(), [64, 784])
    case 'cnn_step':
      return step(cnn(), [64, 28, 28, 1], onCpu)
    case 'cnn_infer':
      return inference(cnn(), [64, 28, 28, 1])
    default:
      return null
  }
}

await tf.setBackend('wasm')
const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')
await serve({ version: `${wasm.version_wasm} (wasm${simd ? ', SIMD' : ''}, one thread)` }, make)
