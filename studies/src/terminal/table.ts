import CliTable from 'cli-table3'
import type { Table } from '../report/block.ts'

const plainRules = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  mid: '',
  'mid-mid': '',
  middle: '  ',
}

/** A table of the report for the terminal: columns by spaces, a rule below the head, the caption beneath. */
export function terminalTable({ head, rows, caption, textColumns = [0] }: Table): string {
  const columns = head.map(
    (name, column) => ({ content: plain(name), hAlign: textColumns.includes(column) ? 'left' : 'right' }) as const,
  )
  const table = new CliTable({
    chars: plainRules,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: columns.map(({ hAlign }) => hAlign),
  })
  table.push(
    columns.map(({ content }) => content),
    ...rows.map((row) => row.map((cell) => plain(String(cell)))),
  )
  const [top, ...body] = table.toString().split('\n')
  const width = Math.max(top.length, ...body.map((line) => line.length))
  return [top, '─'.repeat(width), ...body, plain(caption)].map((line) => line.trimEnd()).join('\n')
}

/** Markdown's emphasis and code marks taken off. */
function plain(text: string): string {
  return text.replaceAll('**', '').replaceAll('`', '')
}
