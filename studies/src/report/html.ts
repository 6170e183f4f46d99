import { marked } from 'marked'
import type { Block, Fact, Table } from './block.ts'
import type { Report } from './report.ts'
import { reportStyle } from './style.ts'

/** The report as one HTML page that needs nothing else: styles and figures are inside. */
export function toHtml(report: Report): string {
  let figures = 0
  let tables = 0
  const body = report.blocks.map((block) => {
    if (block.kind === 'figure') figures++
    if (block.kind === 'table') tables++
    return blockToHtml(block, block.kind === 'figure' ? figures : tables)
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(report.title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<p class="mark">Trainyard</p>
<h1>${inline(report.title)}</h1>
<div class="lead">${prose(report.lead)}</div>
${report.facts.length > 0 ? `<dl class="facts">${report.facts.map(factToHtml).join('')}</dl>` : ''}
</header>
${body.join('\n')}
</main>
</body>
</html>
`
}

function factToHtml({ label, value, detail }: Fact): string {
  return `<div><dd>${inline(value)}</dd><dt>${inline(label)}${detail ? `<small>${inline(detail)}</small>` : ''}</dt></div>`
}

function blockToHtml(block: Block, number: number): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${inline(block.text)}</h${block.level}>`
    case 'text':
      return prose(block.text)
    case 'note':
      return `<aside>${prose(block.text)}</aside>`
    case 'code':
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`
    case 'table':
      return `<figure class="table"><div class="scroll">${tableToHtml(block)}</div><figcaption><b>Table ${number}.</b> ${inline(block.caption)}</figcaption></figure>`
    case 'figure':
      return `<figure id="${block.name}"><div class="title"><b>Figure ${number}.</b> ${inline(block.title)}</div><div class="scroll" role="img" aria-label="${escapeHtml(block.title)}">${block.svg}</div><figcaption>${inline(block.caption)}</figcaption></figure>`
  }
}

function tableToHtml({ head, rows, textColumns = [0] }: Table): string {
  const cell = (tag: string, text: string | number, column: number) =>
    `<${tag}${textColumns.includes(column) ? '' : ' class="number"'}>${inline(String(text))}</${tag}>`
  const line = (tag: string, cells: readonly (string | number)[]) =>
    `<tr>${cells.map((text, column) => cell(tag, text, column)).join('')}</tr>`
  return `<table><thead>${line('th', head)}</thead><tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody></table>`
}

function prose(markdown: string): string {
  return marked.parse(markdown, { async: false })
}

function inline(markdown: string): string {
  return marked.parseInline(markdown, { async: false }).replaceAll('\n', '<br>')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
