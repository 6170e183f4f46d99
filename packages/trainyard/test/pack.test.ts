import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const packages = ['core', 'vision', 'train', 'tracker', 'ui', 'trainyard'].map((name) => join(root, 'packages', name))
packages.push(join(root, 'studies'))

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-pack-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

// The node that runs this test comes first, as it does for a user whose Node is new enough.
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  TRAINYARD_DIR: join(scratch, 'runs'),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
}
delete (env as { NODE_OPTIONS?: string }).NODE_OPTIONS

const program = `
import { compile, nn, optim, Trainer, type Tensor, tensor } from 'trainyard'
import { ProgressBar } from '@trainyard/train'
import { analyse } from 'trainyard/analysis'
import { init, type Run } from 'trainyard/tracker'
import { xorStudy, type XorResult } from 'trainyard/studies'
import { type MnistDatasets, mnist } from 'trainyard/vision'

const double = compile((x: Tensor) => x.mul(2))
const model = new nn.Linear(2, 1)
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
const trainer: Trainer = new Trainer({ model, optimizer, loss: new nn.MSELoss(), progress: false })
const result = await trainer.fit([[tensor([[1, 2]]), tensor([[3]])]], { epochs: 2 })
const steps: number = result.steps
const functions: ((...given: never[]) => unknown)[] = [ProgressBar as never, init, analyse, xorStudy, mnist]
export type Used = [Run, XorResult, MnistDatasets]
// @ts-expect-error: a tensor has no such method, so the types are really there
export const absent: unknown = tensor([1]).noSuchMethod
console.log(JSON.stringify({ doubled: await (await double(tensor([1, 2]))).toArray(), steps, functions: functions.length }))
`

test('packed and installed elsewhere, every package imports, has its types, and the command runs', async (t) => {
  if (!existsSync(join(root, 'packages/trainyard/dist/cli/main.js')) || !existsSync(join(root, 'studies/dist'))) {
    await run(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, env })
  }
  const [tarballs, project] = [join(scratch, 'tarballs'), join(scratch, 'project')]
  mkdirSync(tarballs)
  mkdirSync(project)
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', tarballs, ...packages], { cwd: root, env })
  const files = readdirSync(tarballs).map((name) => join(tarballs, name))
  assert.equal(files.length, packages.length)

  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }))
  await run('npm', ['install', '--ignore-scripts', '--prefer-offline', ...files], { cwd: project, env })

  await t.test('types', async () => {
    writeFileSync(join(project, 'main.ts'), program)
    const compilerOptions = {
      module: 'nodenext',
      target: 'esnext',
      strict: true,
      noEmit: true,
      types: [],
      skipLibCheck: false,
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', project], { env }).catch((error) => error)
    // Plot's own declarations want those of d3, which a user of ours need not have.
    const ours = stdout.split('\n').filter((line: string) => line !== '' && !/@observablehq|^\s+Try `npm i/.test(line))
    assert.deepEqual(ours, [])
  })

  await t.test('imports', async () => {
    const { stdout } = await run(process.execPath, ['main.ts'], { cwd: project, env })
    assert.deepEqual(JSON.parse(stdout), { doubled: [2, 4], steps: 2, functions: 5 })
  })

  await t.test('command line', async () => {
    const { stdout } = await run('npx', ['--no-install', 'trainyard', '--help'], { cwd: project, env })
    assert.match(stdout, /trainyard study xor/)
    const study = await run(
      'npx',
      ['--no-install', 'trainyard', 'study', 'xor', '--repeats', '1', '--epochs', '2', '--json'],
      {
        cwd: project,
        env,
      },
    )
    assert.equal(JSON.parse(study.stdout).rows.length, 12)
    assert.ok(existsSync(join(project, 'reports/xor/report.html')))
  })
})
