import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, LinePainter, mixed, type Scene } from './painter.ts'

/** A canvas that counts, and a clock that a line costs so much of. */
function fake(costOfLine: number) {
  let time = 0
  const frames: (() => void)[] = []
  const strokes: string[] = []
  const context = {
    canvas: { width: 0, height: 0 },
    strokeStyle: '',
    stroke() {
      time += costOfLine
      strokes.push(this.strokeStyle)
    },
    setTransform() {},
    clearRect() {},
    beginPath() {},
    moveTo() {},
    lineTo() {},
    bezierCurveTo() {},
  }
  const clock: Clock = { now: () => time, frame: (callback) => frames.push(callback), cancel: () => frames.pop() }
  const frame = () => {
    const start = time
    frames.shift()?.()
    return time - start
  }
  return { context: context as unknown as CanvasRenderingContext2D, clock, frame, frames, strokes }
}

const scene = (count: number, part: Partial<Scene> = {}): Scene => ({
  width: 600,
  height: 300,
  xs: [0, 300, 600],
  heights: [0, 1, 2].map(() => new Float32Array(count)),
  mask: new Uint8Array(count).fill(1),
  color: String,
  alpha: 1,
  lineWidth: 1,
  ...part,
})

test('10,000 lines are painted over many short frames, each line once', () => {
  const { context, clock, frame, frames, strokes } = fake(0.02)
  let done = 0
  const painter = new LinePainter(context, clock, () => done++)
  painter.paint(scene(10_000), 1)
  let longest = 0
  for (let i = 0; frames.length > 0 && i < 1000; i++) longest = Math.max(longest, frame())
  assert.ok(longest < 10, `${longest} ms`)
  assert.equal(strokes.length, 10_000)
  assert.equal(new Set(strokes).size, 10_000)
  assert.equal(done, 1)
  assert.equal(painter.painting, false)
})

test('a new scene starts anew and no frame is asked for twice', () => {
  const { context, clock, frame, frames, strokes } = fake(0.02)
  const painter = new LinePainter(context, clock)
  painter.paint(scene(10_000), 1)
  frame()
  assert.equal(frames.length, 1)
  strokes.length = 0
  painter.paint(scene(10_000, { mask: Uint8Array.from({ length: 10_000 }, (_, i) => Number(i < 30)) }), 2)
  assert.equal(frames.length, 1)
  while (frames.length > 0) frame()
  assert.equal(strokes.length, 30)
  assert.equal(context.canvas.width, 1200)
})

test('the order is every index once, and its beginning a fair sample', () => {
  for (const count of [0, 1, 2, 7, 100, 9_973, 10_000]) assert.equal(new Set(mixed(count)).size, count)
  const first = [...mixed(10_000)].slice(0, 100).sort((a, b) => a - b)
  const gaps = first.slice(1).map((at, i) => at - first[i])
  assert.ok(Math.max(...gaps) < 300, String(Math.max(...gaps)))
})
