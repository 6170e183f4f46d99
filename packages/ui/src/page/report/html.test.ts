import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Report, reportHtml } from './html.ts'

const report: Report = {
  title: 'Lungs <b>& all</b>',
  project: 'xray',
  text: 'First line\nsecond <script>alert(1)</script>\n\nNext paragraph',
  made: '2026-11-24 10:00',
  address: 'http://127.0.0.1:4747/#/xray?where=a%20%3C%202',
  facts: [['Filter', 'config.lr < 0.1']],
  table: {
    columns: ['min val/loss'],
    rows: [{ name: '<img src=x onerror=alert(1)>', color: '#0f41cc;background:url(//evil)', cells: ['0.1'] }],
    more: 3,
  },
  sections: [
    {
      title: 'val',
      blocks: [
        {
          kind: 'svg',
          title: 'loss',
          svg: '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
          wide: false,
        },
        {
          kind: 'images',
          title: 'examples',
          groups: [
            {
              name: 'a',
              color: '#123456',
              note: 'step 3',
              images: [
                { source: 'data:image/png;base64,AAAA', caption: '"x"', width: 120 },
                { source: 'https://evil/x.png', caption: 'y', width: 10 },
              ],
            },
          ],
        },
        { kind: 'text', title: 'note', groups: [{ name: 'a', text: '</pre><script>' }] },
      ],
    },
  ],
}

test('a report holds everything, and nothing of a name or note becomes markup', () => {
  const html = reportHtml(report)
  assert.ok(!/<script/i.test(html))
  assert.ok(!html.includes('<img src=x'))
  assert.ok(!html.includes('url(//evil'))
  assert.match(html, /First line<br>second &#60;script/)
  assert.match(html, /<path d="M0 0"\/>/)
  assert.match(html, /and 3 more/)
})

test('a report loads nothing', () => {
  const html = reportHtml(report)
  assert.ok(!html.includes('https://evil'))
  assert.match(html, /default-src 'none'; img-src data:/)
  assert.deepEqual(
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, at]) => at.slice(0, 22)),
    ['http://127.0.0.1:4747/', 'data:image/png;base64,'],
  )
})
