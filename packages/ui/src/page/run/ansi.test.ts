import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAnsi, plainText } from './ansi.ts'

test('colours, bold, reset', () => {
  const pieces = parseAnsi('\u001b[1;31merror\u001b[0m: \u001b[38;5;208morange\u001b[39m \u001b[38;2;1;2;3mrgb')
  assert.deepEqual(
    pieces.map(({ text, bold, color }) => [text, bold, color]),
    [
      ['error', true, 1],
      [': ', false, null],
      ['orange', false, [255, 135, 0]],
      [' ', false, null],
      ['rgb', false, [1, 2, 3]],
    ],
  )
})

test('cursor moves, titles, links and bells are left out', () => {
  assert.equal(
    plainText('\u001b[2K\u001b[1Gdone\u0007 \u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\\u001b[?25h'),
    'done link',
  )
  assert.equal(plainText('tab\tstays'), 'tab\tstays')
})

test('whatever a program prints, text comes through and nothing of a sequence does', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom('\u001b[', '\u001b[31m', '\u001b]', ';', '38;5;999m', '\u001b[38;2m'),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const line = parts.join('')
      const text = parseAnsi(line)
        .map((piece) => piece.text)
        .join('')
      assert.equal(text, plainText(line))
      for (const { color } of parseAnsi(line))
        assert.ok(color === null || typeof color === 'number' || color.every((value) => value >= 0 && value <= 255))
    }),
  )
})
