/** One run: everything about it, its console, its files; artifacts and alerts of the project. */
import type { Alert, Artifact, ConsoleQuery, HistoryQuery, Json, RunDetail } from '@trainyard/tracker/api'
import { keep } from '../world/picture.ts'
import { points, statisticsOf, type WorldRun } from '../world/run.ts'
import { row } from './runs.ts'

export function detail(run: WorldRun): RunDetail {
  const { values: _, ...facts } = row(run)
  const summary: { [key: string]: Json } = { ...run.summary }
  for (const key of run.curves.keys()) {
    const last = statisticsOf(run, key)?.last
    if (last !== undefined && !key.startsWith('system/')) summary[key] = Number.isFinite(last) ? last : String(last)
  }
  return {
    ...facts,
    project: run.project,
    notes: run.notes,
    config: run.config,
    summary,
    environment: {
      command: 'node studies/src/xray/train.ts --lr 0.0021 --batch 16',
      cwd: '/home/ada/lungs',
      host: 'workstation',
      user: 'ada',
      pid: 40213,
      os: 'Linux 6.12 x64',
      runtime: 'node 24.21.0',
      cpu: 'AMD Ryzen 7 7840U',
      cores: 16,
      memory: 33_500_000_000,
      gpus: [],
      git: { commit: '4d49c71f0e5b7c0a9d3e', branch: 'main', remote: 'git@example.org:ada/lungs.git', dirty: true },
      packages: { trainyard: '0.1.0', valibot: '1.5.0', yaml: '2.9.1', hono: '4.13.19' },
    },
    modelSummary: run.project === 'mnist' ? model : null,
    exitCode: run.state === 'running' ? null : run.state === 'finished' ? 0 : 1,
    error: run.error,
    stopping: run.stopping,
    lastStep: run.rows - 1,
    sessions: [{ started: run.created, ended: run.state === 'running' ? null : run.created + run.duration, step: 0 }],
    counts: {
      rows: run.rows,
      points: [...run.curves.values()].reduce((sum, curve) => sum + Math.ceil(run.rows / curve.every), 0),
      media: 240,
      consoleLines: consoleOf(run).length,
      alerts: run.project === 'xray-unet' ? 1 : 0,
      files: 4,
      bytes: run.rows * 41,
    },
    problems: run.problems,
  }
}

const model = `layer        kernel    output            parameters
─────────────────────────────────────────────────
conv1        3×3       [64, 16, 26, 26]         160
relu1                  [64, 16, 26, 26]           0
pool1        2×2       [64, 16, 13, 13]           0
conv2        3×3       [64, 32, 11, 11]       4,640
relu2                  [64, 32, 11, 11]           0
pool2        2×2       [64, 32, 5, 5]             0
flatten                [64, 800]                  0
linear                 [64, 10]               8,010
─────────────────────────────────────────────────
                                             12,810`

function consoleOf(run: WorldRun): string[] {
  for (let epoch = Math.floor(run.console.length / 2); epoch * 12 < run.rows; epoch++) {
    const loss = points(run, 'train/loss')?.value[epoch * 12] ?? 0
    run.console.push(
      `\u001b[1mepoch ${epoch + 1}\u001b[0m  loss \u001b[36m${loss.toFixed(4)}\u001b[0m  ${'━'.repeat(20)} 12/12`,
      epoch % 9 === 8
        ? `\u001b[33mwarn\u001b[0m gradient norm above 5, clipped`
        : `  validation f1 ${(0.95 - 0.6 * Math.exp(-epoch / 20)).toFixed(3)}`,
    )
  }
  return run.console
}

export function queryConsole(run: WorldRun, { from = -1000, limit = 1000, search }: ConsoleQuery) {
  const all = consoleOf(run).map((text, line) => ({
    line,
    time: run.created + line * 2,
    stream: text.includes('warn') ? ('stderr' as const) : ('stdout' as const),
    text,
  }))
  const found = search ? all.filter(({ text }) => text.toLowerCase().includes(search.toLowerCase())) : all
  const start = from < 0 ? Math.max(0, found.length + from) : from
  return { total: all.length, matches: found.length, lines: found.slice(start, start + limit) }
}

export function queryHistory(run: WorldRun, { keys, offset = 0, limit = 1000 }: HistoryQuery) {
  const wanted = keys ?? [...run.curves.keys()]
  const rows: Json[][] = []
  for (let step = offset; step < Math.min(run.rows, offset + limit); step++)
    rows.push([
      step,
      run.created + step,
      step,
      ...wanted.map((key) => {
        const every = run.curves.get(key)?.every ?? 1
        return step % every === 0 ? (points(run, key)?.value[step / every] ?? null) : null
      }),
    ])
  return { total: run.rows, keys: ['_step', '_timestamp', '_runtime', ...wanted], rows }
}

const file = (run: WorldRun, path: string, text: string, type: string) => {
  const blob = keep(Buffer.from(text), type)
  return {
    path,
    time: run.created,
    blob: { ...blob, url: `/api/projects/${run.project}/runs/${run.id}/blobs/${blob.sha256}` },
  }
}

export const listFiles = (run: WorldRun) => ({
  files: [
    file(run, 'config.yaml', 'lr: 0.01\nbatchSize: 16\n', 'text/yaml'),
    file(
      run,
      'diff.patch',
      '--- a/train.ts\n+++ b/train.ts\n@@ -1 +1 @@\n-const lr = 0.1\n+const lr = 0.01\n',
      'text/x-diff',
    ),
    file(run, 'checkpoints/best.safetensors', 'x'.repeat(90_000), 'application/octet-stream'),
    file(run, 'checkpoints/latest.safetensors', 'y'.repeat(90_000), 'application/octet-stream'),
  ],
})

export const artifacts = (runs: WorldRun[]): Artifact[] =>
  runs.length === 0 || runs[0].project !== 'xray-unet'
    ? []
    : [
        {
          name: 'lung-unet',
          type: 'model',
          versions: [2, 1, 0].map((version) => ({
            version,
            aliases: version === 2 ? ['latest'] : version === 1 ? ['best'] : [],
            digest: String(version).repeat(64),
            size: 25_003_572,
            fileCount: 2,
            created: runs[version].created,
            description: version === 1 ? 'Best validation F1' : '',
            metadata: { f1: 0.94 + version / 100 },
            producer: runs[version].id,
            consumers: version === 1 ? [runs[5].id] : [],
          })),
        },
      ]

export const alerts = (runs: WorldRun[]): Alert[] =>
  runs[0]?.project === 'xray-unet'
    ? [
        {
          run: runs[31].id,
          time: runs[31].created + 200,
          step: 401,
          level: 'error',
          title: 'Loss is not finite',
          text: 'train/loss became NaN at step 401.',
        },
        {
          run: runs[20].id,
          time: runs[20].created + 90,
          step: 120,
          level: 'warn',
          title: 'Low throughput',
          text: '12 images/s, expected about 40.',
        },
      ]
    : []
