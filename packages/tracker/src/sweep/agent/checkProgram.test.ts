// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { scratch } from '../../testing/scratch.ts'
import { readSource } from '../configuration/read.ts'
import { textSource } from '../configuration/source.ts'
import { type CommandLineCheck, checkProgram } from './checkProgram.ts'

/** A folder with `train.ts` and an executable `bin/python3`, which is all there is on the PATH. */
function setUp(t: TestContext) {
  const folder = scratch(t)
  writeFileSync(join(folder, 'train.ts'), '')
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'python3'), '')
  chmodSync(join(folder, 'bin', 'python3'), 0o755)
  /** The message for this command and program, or `undefined` where nothing is wrong. */
  const check = async (lines: string, commandLine?: CommandLineCheck): Promise<string | undefined> => {
    const source = textSource(`method: grid\nparameters: {lr: {values: [1, 2]}, model: {values: [a, b]}}\n${lines}`)
    try {
      const environment = { PATH: join(folder, 'bin') }
      await checkProgram(readSource(source), { source, folder, commandLine, environment })
      return undefined
    } catch (error) {
      return (error as Error).message.replaceAll(folder, 'FOLDER')
    }
  }
  return { folder, check }
}

test('a script that is not there is told with its folder, at its line', async (t) => {
  const { check } = setUp(t)
  assert.equal(await check('program: train.ts'), undefined)
  assert.equal(
    await check('program: trian.ts'),
    `sweep.yaml:3:10: program: there is no file "trian.ts" in FOLDER, where trials start; did you mean "train.ts"?
  3 | program: trian.ts
    |          ^`,
  )
  assert.match(
    (await check('command: [python3, -u, models/run.py, "${args}"]'))!,
    /^sweep.yaml:3:24: command.2: there is no file "models\/run.py" in FOLDER, where trials start\n/,
  )
  assert.match(
    (await check('command: [./bin/python, "${args}"]'))!,
    /no file ".\/bin\/python" in FOLDER.*"bin\/python3"/,
  )
})

test('what runs it has to be on the PATH, or be a program', async (t) => {
  const { check } = setUp(t)
  assert.match(
    (await check('program: train.py'))!,
    /^sweep.yaml:3:10: program: there is no program "python" on the PATH, but "python3": give command: \[python3,/,
  )
  assert.match((await check('command: [torchrun, train.py]'))!, /no program "torchrun" on the PATH \(FOLDER\/bin\)/)
  assert.match((await check('command: [train.ts]'))!, /to run the file in FOLDER, write .\/train.ts/)
  assert.match((await check('command: [./train.ts]'))!, /FOLDER\/train.ts cannot be executed; chmod \+x/)
  assert.match((await check('command: ["${env}", LR=1, "${interpreter}", "${program}"]'))!, /names no program to run/)
  assert.match((await check('command: ["${env}", LR=1, nope, "${args}"]'))!, /sweep.yaml:3:27: command.2: .*"nope"/)
})

test('what cannot be known beforehand is let pass', async (t) => {
  const { check } = setUp(t)
  for (const command of [
    '["${model}", "${args}"]',
    '[python3, "${model}.py"]',
    '[python3, -m, package.run, out.py]',
    '[python3, --out=results.py]',
    '["${env}", -S, python, x.py]',
    '[./bin/python3, train.ts, missing.ts]',
  ])
    assert.equal(await check(`command: ${command}`), undefined, command)
})

test('the words of our own command line are looked at, and stand where they were written', async (t) => {
  const { check } = setUp(t)
  let seen: readonly (string | undefined)[] = []
  const wrong =
    (index: number): CommandLineCheck =>
    async (words) => {
      seen = words
      return { index, what: 'option', of: 'trainyard study', known: ['--lr', '--models'] }
    }
  const lines = 'command: [trainyard, study, "${model}", --size, 64, "${args}"]'
  assert.match(
    (await check(lines, wrong(5)))!,
    /^sweep.yaml:2:43: parameters.model: .* unknown option "--model"; did you mean "--models"\? \(known:/,
  )
  assert.deepEqual(seen, ['study', undefined, '--size', '64', '--lr=', '--model='])
  assert.match((await check(lines, wrong(2)))!, /^sweep.yaml:3:41: command.3: .*"--size"/)
  assert.equal(await check(lines, async () => undefined), undefined)
})
