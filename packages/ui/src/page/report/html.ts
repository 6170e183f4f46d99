/** A report as one HTML file: nothing is loaded from anywhere, so that it can be sent, kept and printed. */
import { escapeXml } from '../charts/svg.ts'

export interface ReportTable {
  columns: string[]
  rows: { name: string; color: string | null; cells: string[] }[]
  /** Runs that match but are not in the table. */
  more: number
}

export type ReportBlock =
  | { kind: 'svg'; title: string; svg: string; wide: boolean }
  | {
      kind: 'images'
      title: string
      groups: {
        name: string
        color: string
        note: string
        images: { source: string; caption: string; width: number }[]
      }[]
    }
  | { kind: 'html'; title: string; html: string; wide: boolean }
  | { kind: 'text'; title: string; groups: { name: string; text: string }[] }

export interface Report {
  title: string
  project: string
  /** Paragraphs; empty lines divide them. */
  text: string
  made: string
  address: string
  facts: [string, string][]
  table: ReportTable | null
  sections: { title: string; blocks: ReportBlock[] }[]
}

const style = `
:root{color-scheme:light}*{box-sizing:border-box}body{margin:0;background:#f6f7f8;color:#15181d;font:14px/1.55 -apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1180px;margin:0 auto;padding:40px 28px 80px}h1{margin:0 0 4px;font-size:28px;letter-spacing:-.02em}h2{margin:44px 0 14px;font-size:18px}h3{margin:0 0 8px;font-size:13px}
.meta{color:#606874;font-size:13px}.meta a{color:#2450c8}dl{display:flex;flex-wrap:wrap;gap:6px 28px;margin:18px 0 0;font-size:13px}dt{color:#606874}dd{margin:0}dl div{display:flex;gap:8px}
.text{max-width:72ch;margin-top:22px}.card{min-width:0;padding:14px;border:1px solid #e3e6ea;border-radius:10px;background:#fff;break-inside:avoid}.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(440px,1fr));gap:14px}.wide{grid-column:1/-1}
.card svg{display:block;width:100%;height:auto}.card:has(>svg){overflow-x:auto}.scroll{overflow-x:auto;border:1px solid #e3e6ea;border-radius:10px;background:#fff}table{border-collapse:collapse;font-size:12px;white-space:nowrap}th,td{padding:6px 12px;border-bottom:1px solid #eceef1;text-align:left}th{color:#474e59;font-weight:600}tbody tr:last-child td{border-bottom:0}
.dot{display:inline-block;width:9px;height:9px;margin-right:7px;border-radius:5px}.gallery{display:flex;flex-wrap:wrap;gap:10px;margin-bottom:14px}figure{margin:0}figure img{display:block;max-width:100%;border-radius:4px}figcaption{color:#606874;font-size:11px}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font-size:12px}h4{margin:0 0 6px;font-size:12px;font-weight:600}h4 span:last-child{color:#606874;font-weight:400}
@media print{body{background:#fff}main{padding:0}.grid{grid-template-columns:1fr 1fr}}@media(max-width:560px){main{padding:24px 14px 60px}.grid{grid-template-columns:minmax(0,1fr)}.card>svg{min-width:480px}}
`

const color = (value: string): string => (/^(#[0-9a-f]{3,8}|rgb\([\d\s.,%]+\))$/i.test(value) ? value : '#888')
const dot = (value: string | null): string =>
  value ? `<span class="dot" style="background:${color(value)}"></span>` : ''
/** Only pictures that are in the file. */
const source = (value: string): string => (/^data:image\/(png|jpeg|webp|gif);base64,[\w+/=]+$/.test(value) ? value : '')

function block(one: ReportBlock): string {
  const head = `<h3>${escapeXml(one.title)}</h3>`
  switch (one.kind) {
    case 'svg':
      return `<div class="card${one.wide ? ' wide' : ''}">${one.svg}</div>`
    case 'html':
      return `<div class="card${one.wide ? ' wide' : ''}">${head}<div class="scroll">${one.html}</div></div>`
    case 'text':
      return `<div class="card">${head}${one.groups.map(({ name, text }) => `<h4>${escapeXml(name)}</h4><pre>${escapeXml(text)}</pre>`).join('')}</div>`
    case 'images':
      return `<div class="card wide">${head}${one.groups
        .map(
          ({ name, color: own, note, images }) =>
            `<h4>${dot(own)}<span>${escapeXml(name)}</span> <span>${escapeXml(note)}</span></h4><div class="gallery">${images
              .map(
                ({ source: data, caption, width }) =>
                  `<figure style="width:${Math.round(width)}px"><img src="${source(data)}" alt="${escapeXml(caption)}"><figcaption>${escapeXml(caption)}</figcaption></figure>`,
              )
              .join('')}</div>`,
        )
        .join('')}</div>`
  }
}

function table({ columns, rows, more }: ReportTable): string {
  const head = ['Name', ...columns].map((column) => `<th scope="col">${escapeXml(column)}</th>`).join('')
  const body = rows
    .map(
      ({ name, color: own, cells }) =>
        `<tr><td>${dot(own)}${escapeXml(name)}</td>${cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}</tr>`,
    )
    .join('')
  return `<h2>Runs</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${more > 0 ? `<p class="meta">and ${more} more</p>` : ''}`
}

export function reportHtml(report: Report): string {
  const paragraphs = report.text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => `<p>${escapeXml(part.trim()).replaceAll('\n', '<br>')}</p>`)
  const facts = report.facts
    .map(([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`)
    .join('')
  const link = /^https?:/.test(report.address) ? ` · <a href="${escapeXml(report.address)}">open in Trainyard</a>` : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="Trainyard">
<title>${escapeXml(report.title)}</title>
<style>${style}</style>
</head>
<body><main>
<h1>${escapeXml(report.title)}</h1>
<p class="meta">${escapeXml(report.project)} · ${escapeXml(report.made)}${link}</p>
${facts ? `<dl>${facts}</dl>` : ''}
${paragraphs.length > 0 ? `<div class="text">${paragraphs.join('')}</div>` : ''}
${report.sections.map(({ title, blocks }) => `<section><h2>${escapeXml(title)}</h2><div class="grid">${blocks.map(block).join('\n')}</div></section>`).join('\n')}
${report.table ? table(report.table) : ''}
</main></body>
</html>
`
}
