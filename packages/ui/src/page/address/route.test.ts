import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { href, parseRoute, runTabs } from './route.ts'

test('every address leads back to where it came from, whatever the names', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.isWellFormed())
  fc.assert(
    fc.property(name, name, fc.constantFrom(...runTabs), (project, run, tab) => {
      const workspace = parseRoute(href.workspace(project, new URLSearchParams({ where: run })))
      assert.ok(workspace.page === 'workspace' && workspace.project === project && workspace.query.get('where') === run)
      const one = parseRoute(href.run(project, run, tab))
      assert.ok(one.page === 'run' && one.project === project && one.run === run && one.tab === tab)
      const sweep = parseRoute(href.sweep(project, run))
      assert.ok(sweep.page === 'sweep' && sweep.sweep === run)
    }),
  )
})

test('compare carries its runs', () => {
  const route = parseRoute(href.compare('p', ['a1', 'b2']))
  assert.ok(route.page === 'compare' && route.query.get('runs') === 'a1 b2')
})

test('nonsense is unknown, not an error', () => {
  assert.equal(parseRoute('').page, 'projects')
  assert.equal(parseRoute('#/').page, 'projects')
  assert.equal(parseRoute('#/p/runs').page, 'unknown')
  assert.equal(parseRoute('#/p/runs/r/nothing').page, 'unknown')
  assert.equal(parseRoute('#/%E0%A4%A').page, 'workspace')
})
