/**
 * Paints thousands of lines without ever holding up the page: a few milliseconds each frame, in an order that is mixed once and for all, so
 * that what is there so far is always a fair sample of the whole. Whatever changes meanwhile starts it anew.
 */
export interface Scene {
  /** CSS pixels. */
  width: number
  height: number
  xs: readonly number[]
  /** heights[axis][line], CSS pixels. */
  heights: readonly Float32Array[]
  /** 1 for each line that is painted. */
  mask: Uint8Array
  /** CSS colour of a line. */
  color(line: number): string
  alpha: number
  lineWidth: number
}

export interface Clock {
  now(): number
  frame(callback: () => void): number
  cancel(id: number): void
}

const browserClock: Clock = {
  now: () => performance.now(),
  frame: (callback) => requestAnimationFrame(callback),
  cancel: (id) => cancelAnimationFrame(id),
}

/** Milliseconds of each frame that are spent on painting: half of what 60 frames a second leave. */
const budget = 7

/** Every index once, mixed by a fixed rule: steps of a number that has no divisor in common with the count. */
export function mixed(count: number): Uint32Array {
  const out = new Uint32Array(count)
  if (count === 0) return out
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
  let step = Math.max(1, Math.round(count * 0.6180339887))
  while (gcd(step, count) !== 1) step++
  for (let i = 0, at = 0; i < count; i++, at = (at + step) % count) out[i] = at
  return out
}

export class LinePainter {
  #context: CanvasRenderingContext2D
  #clock: Clock
  #scene: Scene | undefined
  #order: Uint32Array = new Uint32Array()
  #at = 0
  #frame = 0
  #done: (() => void) | undefined

  constructor(context: CanvasRenderingContext2D, clock: Clock = browserClock, done?: () => void) {
    this.#context = context
    this.#clock = clock
    this.#done = done
  }

  get painting(): boolean {
    return this.#frame !== 0
  }

  paint(scene: Scene, ratio: number): void {
    const { canvas } = this.#context
    const count = scene.heights[0]?.length ?? 0
    if (this.#order.length !== count) this.#order = mixed(count)
    const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)]
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    this.#scene = scene
    this.#at = 0
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.#context.clearRect(0, 0, scene.width, scene.height)
    this.#context.lineJoin = 'round'
    if (this.#frame === 0) this.#frame = this.#clock.frame(() => this.#step())
  }

  stop(): void {
    if (this.#frame !== 0) this.#clock.cancel(this.#frame)
    this.#frame = 0
  }

  #step(): void {
    this.#frame = 0
    const scene = this.#scene
    if (!scene) return
    const { heights, mask, xs } = scene
    const count = this.#order.length
    const end = this.#clock.now() + budget
    const context = this.#context
    context.globalAlpha = scene.alpha
    context.lineWidth = scene.lineWidth
    const curved = count <= 1500
    while (this.#at < count) {
      const line = this.#order[this.#at++]
      if (!mask[line]) continue
      context.strokeStyle = scene.color(line)
      context.beginPath()
      trace(context, xs, heights, line, curved)
      context.stroke()
      // Looking at the clock costs as much as a line.
      if ((this.#at & 15) === 0 && this.#clock.now() > end) break
    }
    if (this.#at < count) this.#frame = this.#clock.frame(() => this.#step())
    else this.#done?.()
  }
}

/** One line through all axes; few lines are drawn as curves, which the eye follows more easily. */
export function trace(
  context: Pick<CanvasRenderingContext2D, 'moveTo' | 'lineTo' | 'bezierCurveTo'>,
  xs: readonly number[],
  heights: readonly Float32Array[],
  line: number,
  curved: boolean,
): void {
  context.moveTo(xs[0], heights[0][line])
  for (let axis = 1; axis < xs.length; axis++) {
    const y = heights[axis][line]
    if (!curved) context.lineTo(xs[axis], y)
    else {
      const bend = (xs[axis] - xs[axis - 1]) * 0.4
      context.bezierCurveTo(xs[axis - 1] + bend, heights[axis - 1][line], xs[axis] - bend, y, xs[axis], y)
    }
  }
}
