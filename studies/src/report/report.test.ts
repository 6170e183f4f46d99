import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as Plot from '@observablehq/plot'
import { terminalTable } from '../terminal/table.ts'
import { colour, drawPlot, duration, prepareFolder, Report, writeReport } from './index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-report-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const table = {
  head: ['name', 'n', 'share'],
  rows: [
    ['a|b', 10, '**99 %**'],
    ['c', 3, '1 %'],
  ],
  caption: 'Two rows, n beside them.',
}

function sample(): Report {
  const svg = drawPlot({
    width: 200,
    height: 100,
    marks: [Plot.dot([[1.23456, 2]], { fill: colour('first') }), Plot.text(['1.000'], { frameAnchor: 'top' })],
  })
  return new Report({
    title: 'Title & more',
    lead: 'A **lead**.',
    facts: [{ label: 'things', value: '3', detail: 'd' }],
  })
    .section('Section')
    .text('Some `code` <script>.')
    .table(table)
    .figure({ name: 'dots', title: 'Dots', caption: 'n = 1.', svg })
    .note('Mind this.')
    .code('1 < 2')
}

test('a report is written as Markdown, as one HTML page and as figures of their own', async () => {
  const folder = join(scratch, 'deep', 'report')
  const page = await writeReport(sample(), folder)
  assert.equal(page, join(folder, 'report.html'))
  assert.deepEqual(readdirSync(folder).sort(), ['figures', 'report.html', 'report.md'])
  const markdown = readFileSync(join(folder, 'report.md'), 'utf8')
  assert.match(markdown, /^# Title & more\n\nA \*\*lead\*\*\.\n\n- \*\*3\*\* things \(d\)/)
  assert.ok(markdown.includes('| a\\|b | 10 | **99 %** |'))
  assert.ok(markdown.includes('![Dots](figures/dots.svg)'))
  const html = readFileSync(page, 'utf8')
  assert.ok(html.includes('<h1>Title &amp; more</h1>') && html.includes('<strong>99 %</strong>'))
  assert.ok(html.includes('Figure 1.') && html.includes('<svg') && html.includes('Table 1.'))
  assert.ok(!/(src|href)="(?!data:|#)/.test(html), 'the page needs nothing from elsewhere')
  const figure = readFileSync(join(folder, 'figures', 'dots.svg'), 'utf8')
  assert.match(figure, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  assert.ok(figure.includes('--first:') && figure.includes('>1.000<'), 'colours come along, texts are left alone')
})

test('a second report replaces the first and leaves nothing beside it', async () => {
  const folder = join(scratch, 'twice')
  await writeReport(sample(), folder)
  writeFileSync(join(folder, 'mine.txt'), 'kept')
  await writeReport(new Report({ title: 'Second', lead: 'x' }), folder)
  assert.match(readFileSync(join(folder, 'report.md'), 'utf8'), /^# Second/)
  assert.deepEqual(readdirSync(folder).sort(), ['figures', 'mine.txt', 'report.html', 'report.md'])
})

test('a folder that cannot be written is told at once, and nothing is left behind', async () => {
  const file = join(scratch, 'file')
  writeFileSync(file, '')
  for (const folder of [file, join(file, 'below', 'it')]) {
    await assert.rejects(
      prepareFolder(folder),
      /the results cannot be written to .*file.*: it, or a folder above it, is a file/,
    )
    await assert.rejects(writeReport(sample(), folder), /cannot be written/)
  }
  const fresh = join(scratch, 'one', 'two')
  const takeBack = await prepareFolder(fresh)
  assert.ok(existsSync(fresh))
  await takeBack()
  assert.ok(!existsSync(join(scratch, 'one')))
})

test('tables in the terminal line up and lose their marks', () => {
  assert.equal(
    terminalTable(table),
    ['name   n  share', '───────────────', 'a|b   10   99 %', 'c      3    1 %', 'Two rows, n beside them.'].join('\n'),
  )
})

test('times are said as a person would', () => {
  assert.deepEqual([3.21, 59.6, 125, 7260].map(duration), ['3.2 s', '60 s', '2 min 05 s', '2 h 01 min'])
})
