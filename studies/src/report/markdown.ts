import type { Block, Table } from './block.ts'
import type { Report } from './report.ts'

/** The report as Markdown; figures are links to `figures/NAME.svg`. */
export function toMarkdown(report: Report): string {
  const parts = [`# ${report.title}`, report.lead]
  if (report.facts.length > 0) {
    parts.push(
      report.facts
        .map(({ label, value, detail }) => `- **${value}** ${label}${detail ? ` (${detail})` : ''}`)
        .join('\n'),
    )
  }
  let figures = 0
  let tables = 0
  for (const block of report.blocks) {
    if (block.kind === 'figure') figures++
    if (block.kind === 'table') tables++
    parts.push(blockToMarkdown(block, block.kind === 'figure' ? figures : tables))
  }
  return `${parts.join('\n\n')}\n`
}

function blockToMarkdown(block: Block, number: number): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.text}`
    case 'text':
      return block.text
    case 'note':
      return block.text
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n')
    case 'code':
      return `\`\`\`\n${block.text}\n\`\`\``
    case 'table':
      return `${tableToMarkdown(block)}\n\n*Table ${number}. ${block.caption}*`
    case 'figure':
      return `![${block.title}](figures/${block.name}.svg)\n\n*Figure ${number}. **${block.title}.** ${block.caption}*`
  }
}

/** A table in the notation of GitHub. */
export function tableToMarkdown({ head, rows, textColumns = [0] }: Table): string {
  const row = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', '<br>')).join(' | ')} |`
  const rule = head.map((_, column) => (textColumns.includes(column) ? ':--' : '--:'))
  return [row(head), `|${rule.join('|')}|`, ...rows.map(row)].join('\n')
}
