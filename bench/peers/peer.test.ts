import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPeer } from './peer.ts'

const serve = import.meta.resolve('./serve.ts')
const optional = import.meta.resolve('./optional.ts')
const script = (source: string) => ({
  command: process.execPath,
  args: ['--input-type=module', '--eval', source],
})

test('a peer answers cases, says which it does not have and why one failed', async () => {
  const peer = await startPeer(
    script(`
      import { serve } from '${serve}'
      let calls = 0
      await serve({ version: '1.2' }, ({ case: name, size }) => {
        if (name === 'broken') throw new Error('no memory')
        if (name === 'noted') return { note: 'no kernel' }
        if (name === 'sized') return { flops: size, call: () => new Promise((resolve) => setTimeout(resolve, 5)) }
        return null
      })`),
  )
  assert.ok(typeof peer === 'object')
  try {
    assert.equal(peer.version, '1.2')
    const request = { repeats: 3, threads: 1 }
    const sized = await peer.ask({ ...request, case: 'sized', size: 7 })
    assert.ok(sized.seconds! > 0.004 && sized.seconds! < 1, `${sized.seconds} s for 5 ms`)
    assert.equal(sized.flops, 7)
    assert.deepEqual(await peer.ask({ ...request, case: 'other' }), { seconds: null })
    assert.deepEqual(await peer.ask({ ...request, case: 'noted' }), { seconds: null, note: 'no kernel' })
    assert.deepEqual(await peer.ask({ ...request, case: 'broken' }), { seconds: null, note: 'failed: no memory' })
    assert.ok((await peer.ask({ ...request, case: 'sized', size: 7 })).seconds, 'it goes on after a failure')
  } finally {
    peer.close()
  }
})

test('a peer that is not installed says what to do', async () => {
  const absent = script(`
    import { optionalPackage } from '${optional}'
    await optionalPackage('@trainyard/no-such-peer')`)
  assert.equal(await startPeer(absent), 'not installed: npm install --prefix bench')
  assert.match((await startPeer({ command: '/no/such/python', args: [] })) as string, /ENOENT/)
})

test('a peer that dies between two cases is noticed, not waited for', async () => {
  const peer = await startPeer(
    script(`
      process.stdout.write('{"version":"1"}\\n')
      process.stdin.once('data', () => { console.error('out of memory'); process.exit(1) })`),
  )
  assert.ok(typeof peer === 'object')
  const request = { case: 'any', repeats: 1, threads: 1 }
  assert.deepEqual(await peer.ask(request), { seconds: null, note: 'stopped: out of memory' })
  assert.equal((await peer.ask(request)).seconds, null)
})
