import type { GemmSpec } from '../../packages/core/src/backends/wasm/kernels/index.ts'

/** C = A·B as the studies' models need it; B is given transposed where PyTorch's weights are. */
export interface GemmSize {
  readonly name: string
  readonly spec: GemmSpec
  readonly transposedB?: boolean
  readonly variants?: boolean
}

export interface Conv2dSize {
  readonly name: string
  readonly images: number
  readonly inChannels: number
  readonly outChannels: number
  /** Height and width. */
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly groups: number
}

const square = (size: number): GemmSize => ({
  name: `gemm ${size}x${size}x${size}`,
  spec: { m: size, n: size, k: size, b: 'packed' },
  variants: size === 1024,
})

export const gemmSizes: readonly GemmSize[] = [
  square(128),
  square(512),
  square(1024),
  { name: 'gemm mlp forward 64x128x784', spec: { m: 64, n: 128, k: 784, b: 'packed' }, transposedB: true },
  { name: 'gemm mlp weights 128x784x64', spec: { m: 128, n: 784, k: 64, a: { transposed: true } } },
  { name: 'gemm mlp head 64x10x128', spec: { m: 64, n: 10, k: 128, b: 'packed' }, transposedB: true },
  { name: 'gemm cnn head 64x10x800', spec: { m: 64, n: 10, k: 800, b: 'packed' }, transposedB: true },
]

/** Two images unless said otherwise: enough that a kernel shows its speed, little enough to be quick. */
function conv(
  part: string,
  inChannels: number,
  outChannels: number,
  size: number,
  kernel: number,
  more: Partial<Conv2dSize> = {},
): Conv2dSize {
  const stride = more.stride ?? 1
  const name = `${part} ${kernel}x${kernel}${stride === 1 ? '' : ` /${stride}`} ${inChannels}->${outChannels} @${size}`
  const shape = { images: 2, inChannels, outChannels, size, kernel, stride, padding: kernel >> 1, groups: 1 }
  return { name, ...shape, ...more }
}

const depthwise = (channels: number, size: number, kernel: number, stride: number): Conv2dSize =>
  conv('depthwise', channels, channels, size, kernel, { groups: channels, stride })

export const conv2dSizes: readonly Conv2dSize[] = [
  conv('cnn', 1, 16, 28, 3, { images: 64, padding: 0 }),
  conv('cnn', 16, 32, 13, 3, { images: 64, padding: 0 }),
  conv('decoder', 432, 256, 16, 3),
  conv('decoder', 256, 256, 16, 3),
  conv('decoder', 296, 128, 32, 3),
  conv('decoder', 128, 128, 32, 3),
  conv('decoder', 152, 64, 64, 3),
  conv('decoder', 64, 64, 64, 3),
  conv('decoder', 96, 32, 128, 3),
  conv('decoder', 32, 32, 128, 3),
  conv('decoder', 32, 16, 256, 3),
  conv('decoder', 16, 16, 256, 3),
  conv('head', 16, 1, 256, 3),
  conv('stem', 1, 32, 256, 3, { stride: 2 }),
  conv('expand', 24, 144, 64, 1),
  conv('project', 144, 24, 64, 1),
  conv('project', 1152, 320, 8, 1),
  depthwise(32, 128, 3, 1),
  depthwise(144, 64, 5, 2),
  depthwise(480, 16, 5, 1),
  depthwise(1152, 8, 3, 1),
]
