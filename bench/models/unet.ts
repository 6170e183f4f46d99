import { concat, nn, type Tensor } from '@trainyard/core'

const conv = (from: number, to: number, kernel: number, options: object = {}): nn.Conv2d =>
  new nn.Conv2d(from, to, kernel, { padding: kernel >> 1, bias: false, ...options })

/** Inverted residual with squeeze and excitation, as in the PyTorch script of the same name. */
class MBConv extends nn.Module {
  readonly body: nn.Sequential
  readonly reduce: nn.Conv2d
  readonly expand: nn.Conv2d
  readonly project: nn.Sequential
  readonly skip: boolean

  constructor(from: number, to: number, kernel: number, stride: number, expansion: number) {
    super()
    const middle = from * expansion
    const layers: nn.Module[] = []
    if (expansion !== 1) layers.push(conv(from, middle, 1), new nn.BatchNorm2d(middle), new nn.SiLU())
    layers.push(conv(middle, middle, kernel, { stride, groups: middle }), new nn.BatchNorm2d(middle), new nn.SiLU())
    this.body = new nn.Sequential(...layers)
    const squeezed = Math.max(1, from >> 2)
    this.reduce = new nn.Conv2d(middle, squeezed, 1)
    this.expand = new nn.Conv2d(squeezed, middle, 1)
    this.project = new nn.Sequential(conv(middle, to, 1), new nn.BatchNorm2d(to))
    this.skip = stride === 1 && from === to
  }

  override forward(x: Tensor): Tensor {
    const h = this.body.forward(x) as Tensor
    const squeezed = nn.functional.silu(this.reduce.forward(h.mean([2, 3], { keepDims: true })))
    const scaled = this.project.forward(h.mul(this.expand.forward(squeezed).sigmoid())) as Tensor
    return this.skip ? x.add(scaled) : scaled
  }
}

/** Expansion, channels, blocks, stride and kernel of EfficientNet-B0's stages. */
const stages = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
] as const

/** The layers of smp.Unet('efficientnet-b0') for one channel, as `pytorch_speed.py` has them. */
export class Unet extends nn.Module {
  readonly stem = new nn.Sequential(conv(1, 32, 3, { stride: 2 }), new nn.BatchNorm2d(32), new nn.SiLU())
  readonly stages: nn.ModuleList
  readonly decoder: nn.ModuleList
  readonly head = new nn.Conv2d(16, 1, 3, { padding: 1 })

  constructor() {
    super()
    let from = 32
    this.stages = new nn.ModuleList(
      stages.map(([expansion, to, repeats, stride, kernel]) => {
        const blocks = Array.from({ length: repeats }, (_, i) => {
          const block = new MBConv(from, to, kernel, i === 0 ? stride : 1, expansion)
          from = to
          return block
        })
        return new nn.Sequential(...blocks)
      }),
    )
    const double = (a: number, b: number): nn.Sequential =>
      new nn.Sequential(
        conv(a, b, 3),
        new nn.BatchNorm2d(b),
        new nn.ReLU(),
        conv(b, b, 3),
        new nn.BatchNorm2d(b),
        new nn.ReLU(),
      )
    this.decoder = new nn.ModuleList([
      double(432, 256),
      double(296, 128),
      double(152, 64),
      double(96, 32),
      double(32, 16),
    ])
  }

  override forward(x: Tensor): Tensor {
    const run = (stage: number, input: Tensor): Tensor => this.stages.at(stage).forward(input) as Tensor
    const half = this.stem.forward(x) as Tensor
    const quarter = run(1, run(0, half))
    const eighth = run(2, quarter)
    const sixteenth = run(4, run(3, eighth))
    let h = run(6, run(5, sixteenth))
    ;[sixteenth, eighth, quarter, half, null].forEach((skip, i) => {
      h = nn.functional.interpolate(h, { scaleFactor: 2, mode: 'nearest' })
      h = this.decoder.at(i).forward(skip ? concat([h, skip], 1) : h) as Tensor
    })
    return this.head.forward(h)
  }
}
