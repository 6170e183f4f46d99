import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratch } from '../testing/scratch.ts'
import { hostName } from './safety.ts'
import { serve } from './serve.ts'
import { staticFile } from './static.ts'

const quiet = () => {}

/** A raw request: fetch would not let us lie in these headers. */
function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET', body?: string | Buffer) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('on loopback, other names in Host and other pages in Origin are refused', async (t) => {
  const server = await serve({ dir: scratch(t), port: 0, log: quiet, allowHosts: ['tunnel.example'] })
  t.after(() => server.close())
  const { port } = server
  assert.equal((await ask(port, '/api/server')).status, 200)
  assert.equal((await ask(port, '/api/server', { host: `localhost:${port}` })).status, 200)
  assert.equal((await ask(port, '/api/server', { host: 'tunnel.example' })).status, 200)
  const rebound = await ask(port, '/api/server', { host: `evil.example:${port}` })
  assert.deepEqual([rebound.status, /evil\.example/.test(rebound.text)], [403, true])
  assert.equal((await ask(port, '/', { host: 'evil.example' })).status, 403)
  const own = { host: `localhost:${port}`, origin: `http://localhost:${port}` }
  assert.equal((await ask(port, '/api/server', own)).status, 200)
  for (const origin of ['http://evil.example', 'null', `http://localhost:${port + 1}`, 'file://'])
    assert.equal((await ask(port, '/api/server', { ...own, origin })).status, 403, origin)
})

test('elsewhere a token is needed, and the address with it gives a cookie', async (t) => {
  const server = await serve({ dir: scratch(t), port: 0, host: '0.0.0.0', token: 'a-good-token', log: quiet })
  t.after(() => server.close())
  const { port } = server
  assert.match(server.url, /\?token=a-good-token$/)
  assert.equal((await ask(port, '/api/server')).status, 401)
  assert.equal((await ask(port, '/')).status, 401)
  assert.equal((await ask(port, '/api/server', { authorization: 'Bearer wrong' })).status, 401)
  assert.equal((await ask(port, '/api/server?token=a-good-token')).status, 401)
  assert.equal((await ask(port, '/api/server', { authorization: 'Bearer a-good-token', host: 'box.lan' })).status, 200)
  assert.equal((await ask(port, '/?token=wrong')).status, 401)
  const welcome = await ask(port, '/projects/x?token=a-good-token&y=1')
  assert.deepEqual([welcome.status, welcome.headers.location], [302, '/projects/x?y=1'])
  const cookie = String(welcome.headers['set-cookie'])
  assert.match(cookie, /HttpOnly/)
  assert.match(cookie, /SameSite=Strict/)
  assert.equal((await ask(port, '/api/server', { cookie: cookie.split(';')[0] })).status, 200)
})

test('without a token given one is made', async (t) => {
  const server = await serve({ dir: scratch(t), port: 0, host: '0.0.0.0', log: quiet })
  t.after(() => server.close())
  assert.ok((server.token?.length ?? 0) >= 32)
})

test('bodies that are too large, no JSON, or of another type are refused', async (t) => {
  const server = await serve({ dir: scratch(t), port: 0, log: quiet })
  t.after(() => server.close())
  const { port } = server
  const json = { 'content-type': 'application/json' }
  const path = '/api/projects/p/runs/query'
  assert.equal((await ask(port, path, json, 'POST', '{}')).status, 200)
  assert.equal((await ask(port, path, json, 'POST', '{')).status, 400)
  assert.equal((await ask(port, path, json, 'POST', Buffer.from([0xff, 0xfe]))).status, 400)
  assert.equal((await ask(port, path, {}, 'POST', '{}')).status, 415)
  assert.equal((await ask(port, path, { 'content-type': 'text/plain' }, 'POST', '{}')).status, 415)
  assert.equal((await ask(port, path, json, 'POST', `{"search":"${'x'.repeat(9 << 20)}"}`)).status, 413)
  assert.equal((await ask(port, '/api/nowhere')).status, 404)
  assert.equal((await ask(port, '/api/server', {}, 'DELETE')).status, 404)
})

test('the page is served with a policy, and no path leads out of its folder', async (t) => {
  const dir = scratch(t)
  const page = join(dir, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html>')
  writeFileSync(join(page, 'assets', 'a.js'), '1')
  writeFileSync(join(dir, 'secret.txt'), 'secret')
  const server = await serve({ dir, port: 0, page, log: quiet })
  t.after(() => server.close())
  const { port } = server
  const root = await ask(port, '/')
  assert.deepEqual(
    [root.status, root.text, root.headers['content-type']],
    [200, '<!doctype html>', 'text/html; charset=utf-8'],
  )
  assert.match(String(root.headers['content-security-policy']), /default-src 'self'/)
  assert.equal(root.headers['x-content-type-options'], 'nosniff')
  assert.equal((await ask(port, '/projects/p/runs/x')).text, '<!doctype html>')
  assert.match(String((await ask(port, '/assets/a.js')).headers['cache-control']), /immutable/)
  assert.equal((await ask(port, '/assets/none.js')).status, 404)
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/%',
  ])
    assert.ok(!(await ask(port, path)).text.includes('secret'), path)
  assert.equal(staticFile(page, '/..%5csecret.txt'), null)
})

test('a second server is kept off the folder, and a taken port is said', async (t) => {
  const dir = scratch(t)
  const server = await serve({ dir, port: 0, log: quiet })
  t.after(() => server.close())
  await assert.rejects(
    serve({ dir, port: 0, log: quiet }),
    new RegExp(`another server has .*at ${server.url.slice(0, -1)}`),
  )
  await assert.rejects(serve({ dir: scratch(t), port: server.port, log: quiet }), {
    name: 'ServeError',
    message: /is taken: pass --port/,
  })
})

test('an address that cannot be listened on is said, and an empty token is none', async (t) => {
  const dir = scratch(t)
  await assert.rejects(serve({ dir, host: '192.0.2.1', port: 0, token: 'secret', log: quiet }), {
    name: 'ServeError',
    message: /cannot listen on 192\.0\.2\.1/,
  })
  const server = await serve({ dir, host: '0.0.0.0', port: 0, token: '', log: quiet })
  t.after(() => server.close())
  assert.ok((server.token ?? '').length > 20)
  const refused = await fetch(`http://127.0.0.1:${server.port}/api/projects`, { headers: { authorization: 'Bearer ' } })
  assert.equal(refused.status, 401)
})

test('who goes away in the middle of a body leaves no trace in the terminal', async (t) => {
  const said: string[] = []
  const server = await serve({ dir: scratch(t), port: 0, log: (message) => said.push(message) })
  t.after(() => server.close())
  for (const [method, path] of [
    ['POST', '/api/projects/p/runs/query'],
    ['PUT', `/api/ingest/p/r/blobs/${'a'.repeat(64)}?store=run`],
  ]) {
    const socket = connect(server.port, '127.0.0.1')
    const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
    await new Promise<void>((done) => socket.write(head, () => done()))
    await new Promise((done) => setTimeout(done, 100))
    socket.destroy()
  }
  await new Promise((done) => setTimeout(done, 200))
  assert.deepEqual(said, [])
})

test('names of hosts', () => {
  assert.deepEqual(['localhost:80', '[::1]:80', '127.0.0.1', 'a:b:c', 'LOCALHOST'].map(hostName), [
    'localhost',
    '[::1]',
    '127.0.0.1',
    '',
    'localhost',
  ])
})
