import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvCell, linesToCsv } from './csv.ts'
import type { Line } from './line.ts'
import { lightPicture, type Picture, svg } from './svg.ts'

const line: Line = {
  key: 'a',
  label: 'run <one> & "two"',
  run: 'a',
  color: '#0f41cc',
  x: [0, 1, 2, 3],
  y: [1, null, 3, 2],
  low: [0.5, null, 2, 1],
  high: [1.5, null, 4, 3],
}
const picture: Picture = {
  title: 'val/loss <script>alert(1)</script>',
  lines: [line],
  bounds: { x: [0, 3], y: [0, 4] },
  xKind: 'number',
  xLabel: 'step',
  logX: false,
  logY: false,
  showRange: true,
  width: 600,
  height: 300,
  colors: lightPicture,
  legend: 12,
}

test('an SVG has lines with gaps, a band, ticks, a legend, and no markup from names', () => {
  const text = svg(picture)
  assert.ok(!text.includes('<script>'))
  assert.match(text, /<path d="M409.3 92L586 150" stroke/)
  // A point between gaps is a point to be seen.
  assert.match(text, /<circle cx="56" cy="208" r="2.5"/)
  assert.match(text, /fill-opacity="0.14"/)
  assert.match(text, />step</)
  assert.equal(text.match(/<path/g)?.length, 2)
  assert.match(text, /^<svg [^>]*height="324"/)
})

test('a chart without points says so', () => {
  assert.match(svg({ ...picture, lines: [], bounds: null }), /no points/)
})

test('CSV quotes what must be quoted and defuses formulas', () => {
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"')
  assert.equal(csvCell('=HYPERLINK("x")'), '"\'=HYPERLINK(""x"")"')
  assert.equal(csvCell(-1.5), '-1.5')
  const rows = linesToCsv([line], 'step', 'val/loss').split('\r\n')
  assert.equal(rows[0], 'line,step,val/loss,low,high')
  assert.equal(rows[1], '"run <one> & ""two""",0,1,0.5,1.5')
  assert.equal(rows[2], '"run <one> & ""two""",1,,,')
  assert.equal(rows.length, 6)
})
