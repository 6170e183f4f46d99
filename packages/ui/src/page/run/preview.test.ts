import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPreviewable, previewLines } from './preview.ts'

test('texts can be looked at, weights and huge files cannot', () => {
  assert.equal(isPreviewable({ type: 'text/x-diff', size: 10 }), true)
  assert.equal(isPreviewable({ type: 'application/json', size: 10 }), true)
  assert.equal(isPreviewable({ type: 'application/octet-stream', size: 10 }), false)
  assert.equal(isPreviewable({ type: 'text/plain', size: 1e9 }), false)
})

test('a patch is coloured, other text with pluses is not', () => {
  const patch = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same'
  assert.deepEqual(
    previewLines('diff.patch', patch).map(({ tone }) => tone),
    ['', '', 'place', 'removed', 'added', ''],
  )
  assert.ok(previewLines('notes.txt', patch).every(({ tone }) => tone === ''))
})
