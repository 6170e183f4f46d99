import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { io, type Tensor } from '@trainyard/core'
import { trainyard } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-resume-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** With augmentation and a last batch that is shorter. */
const words = 'study xray --size 32 --phantoms 56 --batch-size 4 --lr 0.001'.split(' ')
/** The encoder that is made in half the time; the other one drops blocks at random. */
const plain = ['--encoder', 'plain']
const EPOCHS = 4

const run = (...more: string[]) => trainyard([...words, ...more], scratch)
const checkpointsOf = (out: string): string => {
  const { trainings } = JSON.parse(readFileSync(join(scratch, out, 'training.json'), 'utf8'))
  return join(scratch, out, trainings[0].checkpoints)
}

/** Weights, optimizer and running statistics of the latest checkpoint, as bytes. */
async function stateOf(out: string): Promise<Map<string, Buffer>> {
  const { model, optimizer } = await io.readCheckpoint(join(checkpointsOf(out), 'latest.safetensors'))
  const state = new Map<string, Buffer>()
  const add = async (key: string, tensor: Tensor) => {
    const { buffer, byteOffset, byteLength } = await tensor.data()
    state.set(key, Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength))
  }
  for (const [key, tensor] of Object.entries(model!)) await add(key, tensor)
  for (const [parameter, slots] of Object.entries(optimizer!.state))
    for (const [slot, value] of Object.entries(slots))
      if (typeof value === 'number') state.set(`${parameter}.${slot}`, Buffer.from(String(value)))
      else await add(`${parameter}.${slot}`, value)
  return state
}

let whole: Map<string, Buffer>
const sameAsWhole = async (out: string) => {
  const state = await stateOf(out)
  assert.equal(state.size, whole.size)
  for (const [key, bytes] of whole) assert.ok(bytes.equals(state.get(key)!), `${key} differs`)
}

/** Starts a training that is going to be disturbed; `said` resolves when standard error holds a text. */
function begin(...more: string[]): { child: ChildProcess; said(text: string): Promise<void>; ended: Promise<string> } {
  const child = spawn(process.execPath, ['--conditions=trainyard-source', main, ...words, ...more], {
    cwd: scratch,
    env: { ...process.env, TRAINYARD_DIR: join(scratch, 'runs') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr!.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(stderr)))
  const said = async (text: string) => {
    while (!stderr.includes(text)) {
      assert.equal(child.exitCode, null, stderr)
      await sleep(5)
    }
  }
  return { child, said, ended }
}

test('a training in parts is the training as a whole, bit for bit', async () => {
  const all = await run('--epochs', `${EPOCHS}`, '--out', 'whole', '--json')
  assert.equal(all.code, 0, all.stderr)
  whole = await stateOf('whole')
  assert.ok(whole.size > 420)
  const half = await run('--epochs', '2', '--out', 'halves')
  assert.equal(half.code, 0, half.stderr)
  const rest = await run('--epochs', `${EPOCHS}`, '--out', 'halves', '--resume', '--json')
  assert.equal(rest.code, 0, rest.stderr)
  await sameAsWhole('halves')
  const numbers = (text: string) =>
    JSON.stringify(JSON.parse(text), (key, value) => (/seconds|memory/i.test(key) ? undefined : value))
  assert.equal(numbers(rest.stdout), numbers(all.stdout))
})

test('Ctrl-C keeps what was done and says how to go on', async () => {
  const all = await run(...plain, '--epochs', `${EPOCHS}`, '--out', 'plain')
  assert.equal(all.code, 0, all.stderr)
  whole = await stateOf('plain')
  const { child, said, ended } = begin(...plain, '--epochs', `${EPOCHS}`, '--out', 'interrupted')
  await said(`epoch 1/${EPOCHS}`)
  child.kill('SIGINT')
  const stderr = await ended
  assert.equal(child.exitCode, 130, stderr)
  assert.match(
    stderr,
    /saved to .*latest\.safetensors; continue with npx trainyard study xray --resume --out interrupted/,
  )
  assert.match(stderr.trimEnd().split('\n').at(-1)!, /^trainyard: xray was interrupted after epoch \d of 4/)
  assert.ok(!existsSync(join(scratch, 'interrupted', 'report.html')))
  const { code, stderr: more } = await trainyard('study xray --resume --out interrupted'.split(' '), scratch)
  assert.equal(code, 0, more)
  await sameAsWhole('interrupted')
})

test('kill -9 in the middle of an epoch and of a checkpoint loses nothing that was complete', async () => {
  const first = begin(...plain, '--epochs', `${EPOCHS}`, '--out', 'killed')
  await first.said(`epoch 1/${EPOCHS}`)
  // In the middle of writing: the file aside is there, the old one untouched.
  const folder = checkpointsOf('killed')
  const parts = () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.part')) : [])
  while (parts().length === 0) await sleep(1)
  first.child.kill('SIGKILL')
  await first.ended
  assert.equal(first.child.signalCode, 'SIGKILL')

  const second = begin(...plain, '--epochs', `${EPOCHS}`, '--out', 'killed', '--resume')
  await second.said(`epoch 2/${EPOCHS}`)
  await sleep(60)
  second.child.kill('SIGKILL')
  await second.ended
  assert.equal(second.child.signalCode, 'SIGKILL')

  const { code, stderr } = await run(...plain, '--out', 'killed', '--resume')
  assert.equal(code, 0, stderr)
  await sameAsWhole('killed')
  assert.deepEqual(parts(), [])
})

test('a damaged checkpoint is refused with its reason, and another one is used', async () => {
  const latest = join(checkpointsOf('plain'), 'latest.safetensors')
  const bytes = readFileSync(latest)
  writeFileSync(latest, bytes.subarray(0, bytes.length - 1000))
  const { code, stderr } = await run(...plain, '--epochs', `${EPOCHS}`, '--out', 'plain', '--resume')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /latest\.safetensors: .*cut short.*; going on from .*best\.safetensors/)
  await sameAsWhole('plain')
})
