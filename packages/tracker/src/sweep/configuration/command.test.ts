// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommandContext, expandCommand, shellText } from './command.ts'
import { DEFAULT_COMMAND } from './read.ts'

const context: CommandContext = {
  program: 'train.py',
  parameters: { a: true, b: false, c: 1, d: null },
  environment: { FOO: 'foo' },
  platform: 'linux',
  node: '/bin/node',
  jsonFile: '/tmp/config.json',
}
const expand = (...command: string[]) => expandCommand(command, context)

test("the macros give what wandb's agent gives", () => {
  assert.deepEqual(expand('${args}'), ['--a=True', '--b=False', '--c=1', '--d=None'])
  assert.deepEqual(expand('${args_no_hyphens}'), ['a=True', 'b=False', 'c=1', 'd=None'])
  assert.deepEqual(expand('${args_no_equals}'), ['--a', 'True', '--b', 'False', '--c', '1', '--d', 'None'])
  assert.deepEqual(expand('${args_no_boolean_flags}'), ['--a', '--c=1', '--d=None'])
  assert.deepEqual(expand('${args_json}'), ['{"a":true,"b":false,"c":1,"d":null}'])
  assert.deepEqual(expand('${args_append_hydra}'), ['+a=True', '+b=False', '+c=1', '+d=None'])
  assert.deepEqual(expand('${args_override_hydra}'), ['++a=True', '++b=False', '++c=1', '++d=None'])
  assert.deepEqual(expand('${args_json_file}'), ['/tmp/config.json'])
  assert.deepEqual(expand(...DEFAULT_COMMAND).slice(0, 3), ['/usr/bin/env', 'python', 'train.py'])
  assert.deepEqual(expandCommand(['${env}', 'x'], { ...context, platform: 'win32' }), ['x'])
})

test('variables of the environment and parameters are put inside longer parts', () => {
  assert.deepEqual(expand('${envvar:FOO}/x', '${envvar:BAR}', '--c=${c}', '-${c}-${a}', 'plain'), [
    'foo/x',
    'BAR',
    '--c=1',
    '-1-True',
    'plain',
  ])
  assert.deepEqual(expand('${nothing}', '--x=${nothing}'), ['--x=${nothing}'])
  assert.deepEqual(expand('${c}'), ['1'])
})

test('nested values are written as Python does, or as JSON for a program in TypeScript', () => {
  const parameters = { net: { depth: 2, "it's": [true, null, 'x"y'] }, name: 'a b' }
  assert.deepEqual(expandCommand(['${args}'], { ...context, parameters }), [
    `--net={'depth': 2, "it's": [True, None, 'x"y']}`,
    '--name=a b',
  ])
  assert.deepEqual(expandCommand(DEFAULT_COMMAND, { ...context, program: 'train.ts', parameters }), [
    '/usr/bin/env',
    '/bin/node',
    'train.ts',
    `--net={"depth":2,"it's":[true,null,"x\\"y"]}`,
    '--name=a b',
  ])
})

test('a value is never read as a macro again', () => {
  assert.deepEqual(expandCommand(['--x=${x}'], { ...context, parameters: { x: '${envvar:FOO} $& $1' } }), [
    '--x=${envvar:FOO} $& $1',
  ])
})

test('words as a line for a shell', () => {
  assert.equal(
    shellText(['python', 'train.py', '--lr=1e-05', '--name=two words', "it's", '']),
    `python train.py --lr=1e-05 '--name=two words' 'it'\\''s' ''`,
  )
})
