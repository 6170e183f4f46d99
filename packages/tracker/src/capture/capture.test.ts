import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConsoleRecord } from '../log/records.ts'
import { scratch } from '../testing/scratch.ts'
import { LineSplitter } from './console.ts'
import { packageVersions } from './environment.ts'
import { gitState, withoutCredentials } from './git.ts'
import { parseGpus, SystemSampler } from './system.ts'

test('git tells commit, branch, remote without its password, and changes', async (t) => {
  const dir = scratch(t)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, stdio: 'pipe' })
  assert.equal(await gitState(scratch(t)), null)
  git('init', '-q', '-b', 'trunk')
  git('remote', 'add', 'origin', 'https://me:secret@example.com/x.git')
  writeFileSync(join(dir, 'a.txt'), 'one\n')
  git('add', '.')
  git('-c', 'user.name=n', '-c', 'user.email=e@e', 'commit', '-q', '-m', 'first')
  writeFileSync(join(dir, 'a.txt'), 'two\n')
  const state = await gitState(dir)
  assert.match(state?.commit ?? '', /^[0-9a-f]{40}$/)
  assert.deepEqual([state?.branch, state?.remote, state?.dirty], ['trunk', 'https://example.com/x.git', true])
  assert.match(state?.diff ?? '', /-one\n\+two/)
  assert.equal(withoutCredentials('git@host:me/x.git'), 'git@host:me/x.git')
})

test('versions are those that are installed, from the nearest package.json', (t) => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'node_modules/a'), { recursive: true })
  mkdirSync(join(dir, 'src/deep'), { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{"dependencies":{"a":"^1","missing":"1"}}')
  writeFileSync(join(dir, 'node_modules/a/package.json'), '{"version":"1.2.3"}')
  assert.deepEqual(packageVersions(join(dir, 'src/deep')), { a: '1.2.3' })
})

test('the system is sampled in its units', () => {
  const sampler = new SystemSampler('/')
  for (const end = performance.now() + 60; performance.now() < end; );
  const sample = sampler.sample()
  for (const key of ['system/memory', 'system/disk'])
    assert.ok(sample[key] > 0 && sample[key] <= 100, `${key} ${sample[key]}`)
  assert.ok(sample['system/process.memory'] > 10)
  assert.ok(sample['system/process.cpu'] > 5)
})

test('GPUs are read as nvidia-smi prints them, and what it does not know is left out', () => {
  assert.deepEqual(parseGpus('0, 97, 40960, 81920, 61, 412.30\n1, 0, 0, 81920, 30, [N/A]\n'), {
    'system/gpu.0': 97,
    'system/gpu.0.memory': 50,
    'system/gpu.0.temperature': 61,
    'system/gpu.0.power': 412.3,
    'system/gpu.1': 0,
    'system/gpu.1.memory': 0,
    'system/gpu.1.temperature': 30,
  })
  assert.deepEqual(parseGpus('NVIDIA-SMI has failed\n'), {})
})

test('lines come out as they were printed, whatever the portions', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 8 }), fc.array(fc.nat(5), { maxLength: 8 }), (texts, cuts) => {
      const lines = texts.map((text) => text.replace(/[\r\n]/g, ''))
      const all = lines.map((line) => `${line}\n`).join('')
      const seen: ConsoleRecord[] = []
      const splitter = new LineSplitter('stdout', (line) => seen.push(line))
      let at = 0
      for (const cut of cuts) {
        splitter.write(all.slice(at, at + cut))
        at += cut
      }
      splitter.write(all.slice(at))
      splitter.flush()
      assert.deepEqual(
        seen.map(({ text }) => text),
        lines,
      )
    }),
  )
})

test('a progress bar is kept as it last was', () => {
  const seen: ConsoleRecord[] = []
  const splitter = new LineSplitter('stderr', (line) => seen.push(line))
  for (let i = 0; i <= 1000; i++) splitter.write(`step ${i}\r`)
  splitter.write('done\r\n')
  assert.ok(seen.length <= 3, `${seen.length} lines`)
  assert.deepEqual([seen.at(-1)?.text, seen.at(-1)?.replace], ['done', true])
})
