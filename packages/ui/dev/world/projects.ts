/** The made-up projects: one like each study, one with ten thousand runs, one empty. */
import type { Json } from '@trainyard/tracker/api'
import { type Random, random } from './random.ts'
import type { Curve, WorldRun } from './run.ts'

const now = () => Date.now() / 1000

function base(project: string, index: number, r: Random, ageDays: number): WorldRun {
  const id = `${Math.floor(r() * 2 ** 40)
    .toString(36)
    .padStart(8, '0')}`.slice(-8)
  return {
    id,
    name: `${r.pick(adjectives)}-${r.pick(nouns)}-${index + 1}`,
    project,
    state: 'finished',
    created: now() - ageDays * 86400,
    duration: 300,
    group: null,
    jobType: 'train',
    tags: [],
    notes: '',
    archived: false,
    color: null,
    sweep: null,
    revision: 1,
    config: {},
    summary: {},
    rows: 0,
    curves: new Map(),
    seed: Math.floor(r() * 2 ** 31),
    error: null,
    stopping: false,
    console: [],
    problems: [],
  }
}

const adjectives = ['silent', 'amber', 'swift', 'northern', 'copper', 'gentle', 'bright', 'lunar', 'iron', 'misty']
const nouns = ['signal', 'express', 'switch', 'depot', 'viaduct', 'freight', 'junction', 'terminus', 'gauge', 'siding']

const decay = (from: number, to: number, rows: number, noisy: number, every = 1): Curve => ({
  every,
  value: (row, noise) => (to + (from - to) * Math.exp((-4.5 * row) / rows)) * (1 + noisy * noise()),
})
const rise = (from: number, to: number, rows: number, noisy: number, every = 1): Curve => ({
  every,
  value: (row, noise) => Math.min(0.9995, to - (to - from) * Math.exp((-5 * row) / rows) + noisy * noise()),
})
const around = (level: number, spread: number, every = 1): Curve => ({
  every,
  value: (row, noise) => Math.max(0, level + spread * Math.sin(row / 40) + (spread / 2) * noise()),
})

const system: [string, Curve][] = [
  ['system/cpu', around(82, 9, 5)],
  ['system/memory', { every: 5, value: (row, noise) => 31 + 6 * (1 - Math.exp(-row / 300)) + 0.2 * noise() }],
  ['system/disk', around(41, 0.4, 5)],
  [
    'system/process.memory',
    { every: 5, value: (row, noise) => 1.1e9 * (1 + 0.4 * (1 - Math.exp(-row / 200))) + 6e6 * noise() },
  ],
  ['system/network.received', around(2.2e4, 9e3, 5)],
]

export function xray(): WorldRun[] {
  const r = random(11)
  return Array.from({ length: 48 }, (_, index) => {
    const run = base('xray-unet', index, r, 6 - index * 0.12)
    const lr = 10 ** r.between(-4.2, -1)
    const batchSize = r.pick([8, 16, 32, 40])
    const optimizer = r.pick(['adam', 'sgd'])
    const encoder = r.pick(['efficientnet-b0', 'efficientnet-b0', 'resnet34'])
    const good = Math.exp(-((Math.log10(lr) + 2.7) ** 2)) * (optimizer === 'adam' ? 1 : 0.85) * (1 - batchSize / 400)
    const rows = r.pick([600, 1200, 1800])
    Object.assign(run, {
      rows,
      duration: rows * r.between(0.4, 0.7),
      group: r.pick(['baseline', 'augmented', 'augmented', 'dice-loss']),
      tags: [r.pick(['256px', '128px']), ...(good > 0.7 ? ['good'] : [])],
      sweep: index >= 12 && index < 42 ? 'lung-search' : null,
      config: {
        model: { name: 'unet', encoder, pretrained: r() > 0.5 },
        optimizer: { name: optimizer, lr, momentum: optimizer === 'sgd' ? 0.9 : null },
        batchSize,
        epochs: rows / 12,
        loss: r.pick(['bce+dice', 'bce+dice', 'mse']),
        imageSize: 256,
        seed: index,
        data: '../data/xray',
      } as { [key: string]: Json },
      notes: index === 47 ? 'Longer schedule, with flips and small rotations.\n\nWatch the right lung of case 17.' : '',
      curves: new Map<string, Curve>([
        ['train/loss', decay(0.9, 0.05 + 0.3 * (1 - good), rows, 0.09)],
        ['train/learning_rate', { every: 1, value: (row) => lr * (0.5 + 0.5 * Math.cos((Math.PI * row) / rows)) }],
        ['train/throughput', around(38 + batchSize / 2, 3)],
        ['train/gradient_norm', decay(6, 0.4, rows, 0.25)],
        ['val/loss', decay(0.8, 0.09 + 0.32 * (1 - good), rows, 0.03, 12)],
        ['val/f1', rise(0.2, 0.62 + 0.34 * good, rows, 0.006, 12)],
        ['val/iou', rise(0.1, 0.5 + 0.42 * good, rows, 0.006, 12)],
        ['val/pixel_accuracy', rise(0.6, 0.86 + 0.12 * good, rows, 0.003, 12)],
        ['epoch', { every: 1, value: (row) => Math.floor(row / 12) }],
        ...system,
      ]),
    })
    if (index === 9)
      Object.assign(run, {
        state: 'failed',
        rows: 340,
        error: 'RangeError: images of shape [3, 256, 255] and masks of shape [3, 256, 256] differ',
      })
    if (index === 20) Object.assign(run, { state: 'crashed', rows: 480 })
    if (index === 30) Object.assign(run, { state: 'stopped', rows: 700 })
    if (index === 31) {
      const sick = run.curves.get('train/loss')!
      run.curves.set('train/loss', {
        every: 1,
        value: (row, noise) => (row > 400 ? Number.NaN : sick.value(row, noise)),
      })
      run.problems.push('train/loss was not finite 800 times, first at step 401')
    }
    if (index >= 46) Object.assign(run, { state: 'running', rows: 500, duration: 260, created: now() - 260 })
    return run
  })
}

export function xor(): WorldRun[] {
  const r = random(5)
  return Array.from({ length: 120 }, (_, index) => {
    const run = base('xor-depth-width', index, r, 12 - index * 0.01)
    const depth = Math.floor(index / 30)
    const width = 1 + (Math.floor(index / 10) % 3)
    const solved = r() < (depth === 0 ? 0 : Math.min(0.95, 0.15 + 0.28 * width))
    const end = solved ? r.between(0.97, 1) : depth === 0 ? r.between(0.48, 0.56) : r.pick([0.74, 0.52, 0.76])
    return Object.assign(run, {
      rows: 200,
      duration: r.between(2, 4),
      group: `depth ${depth}, width ${width}`,
      config: { depth, width, lr: 0.1, batchSize: 128, seed: index % 10 },
      curves: new Map<string, Curve>([
        ['train/loss', decay(0.72, solved ? 0.05 : 0.5, 200, 0.02)],
        ['test/accuracy', rise(0.5, end, 120, 0.004)],
        ['test/loss', decay(0.71, solved ? 0.06 : 0.52, 200, 0.012)],
      ]),
    })
  })
}

export function mnist(): WorldRun[] {
  const r = random(3)
  return ['mlp', 'cnn'].map((model, index) => {
    const run = base('mnist', index, r, 1)
    return Object.assign(run, {
      name: `mnist-${model}`,
      rows: 3752,
      duration: model === 'mlp' ? 24 : 61,
      tags: [model],
      config: { model, lr: 0.002, momentum: 0.9, batchSize: 64, epochs: 4 },
      curves: new Map<string, Curve>([
        ['train/loss', decay(2.3, model === 'mlp' ? 0.2 : 0.09, 3752, 0.2)],
        ['test/accuracy', rise(0.2, model === 'mlp' ? 0.943 : 0.975, 2500, 0.001, 938)],
        ...system,
      ]),
    })
  })
}

/** As many runs as wanted, for the table's speed. */
export function many(count: number): WorldRun[] {
  const r = random(77)
  return Array.from({ length: count }, (_, index) => {
    const run = base('ten-thousand', index, r, 40 - (index / count) * 40)
    const lr = 10 ** r.between(-5, -1)
    const layers = Math.floor(r.between(1, 13))
    const end = 0.1 + Math.abs(Math.log10(lr) + 3) * 0.2 + layers * 0.01 + 0.05 * r()
    return Object.assign(run, {
      rows: 60,
      duration: r.between(20, 4000),
      state: r.pick(['finished', 'finished', 'finished', 'finished', 'failed', 'crashed', 'stopped'] as const),
      group: `batch ${index % 25}`,
      config: {
        lr,
        layers,
        width: 2 ** Math.floor(r.between(4, 11)),
        dropout: r.pick([0, 0.1, 0.2, 0.5]),
        optimizer: r.pick(['adam', 'sgd', 'adamw', 'lion']),
        seed: index,
      },
      curves: new Map<string, Curve>([
        ['loss', decay(2, end, 60, 0.03)],
        ['accuracy', rise(0.1, 1 - end * 0.7, 60, 0.01)],
      ]),
    })
  })
}
