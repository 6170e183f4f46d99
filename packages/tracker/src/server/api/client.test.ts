import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiFailure, address, columnExpression, createClient, endpoints } from './index.ts'

test('an address encodes what is hostile in a name', () => {
  assert.equal(
    address('getRun', { project: '../a b', run: '<x>&?' }, 'http://h'),
    'http://h/api/projects/..%2Fa%20b/runs/%3Cx%3E%26%3F',
  )
  assert.equal(
    address('exportRun', { project: 'p', run: 'r', query: { format: 'csv' } }),
    '/api/projects/p/runs/r/export?format=csv',
  )
})

test('a column that is no plain name is quoted in a filter', () => {
  assert.equal(columnExpression('config.optimizer.lr'), 'config.optimizer.lr')
  assert.equal(columnExpression('min.val/acc'), 'min["val/acc"]')
  assert.equal(columnExpression('state'), 'state')
})

test('the client sends the body as JSON with the token and gives back the answer', async () => {
  let seen: { url: string; init: RequestInit | undefined } | undefined
  const client = createClient({
    base: 'http://h',
    token: 'secret',
    fetch: async (url, init) => {
      seen = { url: String(url), init }
      return Response.json({ total: 0, rows: [] })
    },
  })
  const page = await client.call('queryRuns', {
    project: 'p',
    body: { where: 'config.lr < 0.01', columns: ['config.lr'] },
  })
  assert.deepEqual(page.rows, [])
  assert.equal(seen?.url, 'http://h/api/projects/p/runs/query')
  assert.equal(new Headers(seen?.init?.headers).get('authorization'), 'Bearer secret')
  assert.deepEqual(JSON.parse(String(seen?.init?.body)), { where: 'config.lr < 0.01', columns: ['config.lr'] })
})

test('a refusal becomes an ApiFailure, whatever its body', async () => {
  const answers = [
    Response.json({ error: { code: 'bad-filter', message: 'no', position: 3 } }, { status: 400 }),
    new Response('<h1>Bad gateway</h1>', { status: 502 }),
  ]
  const client = createClient({ fetch: async () => answers.shift()! })
  await assert.rejects(client.call('listProjects', {}), (e: ApiFailure) => e.code === 'bad-filter' && e.position === 3)
  await assert.rejects(client.call('listProjects', {}), (e: ApiFailure) => e instanceof ApiFailure && e.status === 502)
})

test('no two endpoints share method and path', () => {
  const seen = new Set(Object.values(endpoints).map((e) => `${e.method} ${e.path.replace(/:\w+/g, ':')}`))
  assert.equal(seen.size, Object.keys(endpoints).length)
})
