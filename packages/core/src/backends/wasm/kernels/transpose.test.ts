import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ImageLayout, paddedLayout } from './conv/spec.ts'
import { KernelBench, randomFloats } from './testing/kernelBench.ts'
import { emitToChannelsFirst, emitToChannelsLast, emitTranspose, type ImageShape } from './transpose.ts'

test('matrices are transposed for any size and distance, and nothing else is touched', () => {
  const size = fc.integer({ min: 1, max: 41 })
  const gap = fc.integer({ min: 0, max: 3 })
  fc.assert(
    fc.property(size, size, gap, gap, fc.integer({ min: 1, max: 3 }), (rows, columns, fromGap, toGap, count) => {
      const [fromLeading, toLeading] = [columns + fromGap, rows + toGap]
      const batches = [{ count, from: rows * fromLeading, to: columns * toLeading }]
      const bench = new KernelBench(
        (m) => emitTranspose(m, { rows, columns, fromLeading, toLeading, batches }),
        'strict',
        1,
      )
      const from = randomFloats(count * rows * fromLeading)
      bench.buffer('from', from)
      bench.buffer('to', count * columns * toLeading).fill(7)
      bench.run(0, 2)
      const expected = new Float32Array(count * columns * toLeading).fill(7)
      for (let item = 0; item < count; item++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++)
            expected[(item * columns + j) * toLeading + i] = from[(item * rows + i) * fromLeading + j]!
      assert.deepEqual(bench.view('to'), expected)
      bench.checkGuards()
    }),
    { numRuns: 80 },
  )
})

test('images go to channels last with a border, and back', () => {
  const shapes: ImageShape[] = [
    { images: 2, channels: 3, height: 5, width: 7 },
    { images: 1, channels: 20, height: 4, width: 9 },
    { images: 3, channels: 1, height: 6, width: 6 },
  ]
  for (const shape of shapes) {
    const { images, channels, height, width } = shape
    const layout: ImageLayout = paddedLayout(height, width, channels, { top: 1, bottom: 2, left: 2, right: 1 })
    const bench = new KernelBench(
      (m) => [emitToChannelsLast(m, shape, layout), emitToChannelsFirst(m, shape, layout)],
      'strict',
      1,
    )
    const first = randomFloats(images * channels * height * width)
    bench.buffer('first', first)
    bench.buffer('last', images * layout.image).fill(0.25)
    bench.buffer('back', first.length)
    bench.run(0, 3, { from: 'first', to: 'last' })
    bench.run(1, 2, { from: 'last', to: 'back' })
    const last = bench.view('last')
    const at = layout.offset! + 2 * layout.row + 3 * layout.pixel
    assert.equal(last[at], first[2 * width + 3], 'row 2, column 3 of channel 0')
    assert.equal(last.filter((value) => value === 0.25).length, last.length - first.length, 'the border stays')
    assert.deepEqual(bench.view('back'), first)
    bench.checkGuards()
  }
})
