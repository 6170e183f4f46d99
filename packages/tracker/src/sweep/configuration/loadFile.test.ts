import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadSweepFile } from './loadFile.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'))
})
after(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

test('the same sweep from YAML, JSON and TypeScript', async () => {
  const object = { method: 'grid', parameters: { a: { values: [1, 2] } } }
  const yaml = await file('a.yaml', 'method: grid\nparameters: {a: {values: [1, 2]}}')
  const json = await file('a.json', JSON.stringify(object))
  const program = await file(
    'a.ts',
    `const values: number[] = [1, 2]\nexport default { method: 'grid', parameters: { a: { values } } }`,
  )
  for (const path of [yaml, json, program]) {
    const { sweep, text } = await loadSweepFile(path)
    assert.equal(sweep.space.parameters[0].distribution.grid?.size, 2)
    assert.ok(text.includes('grid'))
  }
})

test('a file that is missing, breaks or exports nothing is told by its name', async () => {
  await assert.rejects(loadSweepFile(join(folder, 'no.yaml')), /no.yaml: there is no such file/)
  await assert.rejects(
    loadSweepFile(await file('throws.ts', 'throw new Error("boom")')),
    /throws.ts: does not load: boom/,
  )
  await assert.rejects(loadSweepFile(await file('empty.ts', 'export {}')), /empty.ts: has no default export/)
  await assert.rejects(
    loadSweepFile(await file('bad.ts', 'export default { method: "gird" }')),
    /bad.ts: method: unknown method/,
  )
})
