import assert from 'node:assert/strict'
import { test } from 'node:test'
import { functionCases, worstError } from '../../../math/testing.ts'
import { threefry2x32, toUniform } from '../../../random/threefry.ts'
import {
  type Flavour,
  type FunctionBuilder,
  i32,
  i32x4,
  letPair,
  loadPair,
  ModuleBuilder,
  storePair,
  type V128,
} from '../assembler/index.ts'
import { compileModule } from '../features/compile.ts'
import {
  emitCos,
  emitErf,
  emitExp,
  emitLog,
  emitLog1p,
  emitPow,
  emitSigmoid,
  emitSin,
  emitTanh,
  emitThreefry,
  emitUniform,
} from './index.ts'

type Emitter = (f: FunctionBuilder, x: V128, y: V128) => V128
const emitters: Record<string, Emitter> = {
  exp: emitExp,
  log: emitLog,
  log1p: emitLog1p,
  tanh: emitTanh,
  sigmoid: emitSigmoid,
  erf: emitErf,
  sin: emitSin,
  cos: emitCos,
  pow: emitPow,
}

/** Runs a function over arrays as generated loops do: by pairs of vectors. */
function evaluate(emit: Emitter, flavour: Flavour, x: Float32Array, y: Float32Array): Float32Array {
  const bytes = 4 * Math.ceil(x.length / 8) * 8
  const memory = new WebAssembly.Memory({ initial: Math.ceil((3 * bytes) / 65536) })
  new Float32Array(memory.buffer, 0, x.length).set(x)
  new Float32Array(memory.buffer, bytes, y.length).set(y)
  const m = new ModuleBuilder({ memory: { initial: 1 }, flavour })
  m.export(
    'run',
    m.func('run', ['i32'], [], (f, end) => {
      const at = f.local('i32')
      f.for(at, 0, end, 32, () => {
        const a = letPair(f, loadPair(at))
        const b = letPair(f, loadPair(at, { offset: bytes }))
        const result = { low: emit(f, a.low, b.low), high: emit(f, a.high, b.high) }
        storePair(f, at, result, { offset: 2 * bytes })
      })
    }),
  )
  const module = compileModule(m.toBytes(), { revectorize: true })
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as { run: (end: number) => void }
  run(bytes)
  return new Float32Array(memory.buffer, 2 * bytes, x.length)
}

for (const each of functionCases()) {
  const emit = emitters[each.name]!

  test(`${each.name}: strict WebAssembly gives the bits that JavaScript gives`, () => {
    const results = evaluate(emit, 'strict', each.x, each.y)
    for (let i = 0; i < each.x.length; i++) {
      const expected = each.evaluate(each.x[i]!, each.y[i]!)
      if (!Object.is(results[i], expected))
        assert.fail(`x = ${each.x[i]}, y = ${each.y[i]}: ${results[i]}, ${expected}`)
    }
  })

  test(`${each.name}: relaxed WebAssembly is within ${each.ulps} ulp`, () => {
    const results = evaluate(emit, 'relaxed', each.x, each.y)
    const worst = worstError(each, (i) => results[i]!)
    assert.ok(worst.ulps <= each.ulps, `${worst.ulps} ulp at ${worst.at}`)
  })
}

test('a NaN with any payload stays one', () => {
  const payloads = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc00000, 0x7fffffff, 0xffffffff, 0x7f800001).buffer)
  const ones = new Float32Array(payloads.length).fill(2)
  for (const [name, emit] of Object.entries(emitters)) {
    assert.ok(evaluate(emit, 'strict', payloads, ones).every(Number.isNaN), name)
    assert.ok(evaluate(emit, 'relaxed', payloads, ones).every(Number.isNaN), name)
  }
  assert.ok(evaluate(emitPow, 'strict', ones, payloads).every(Number.isNaN), 'exponent of pow')
})

test('functions read no memory and do not branch', () => {
  for (const [name, emit] of Object.entries(emitters)) {
    const m = new ModuleBuilder()
    m.func(name, ['v128', 'v128'], ['v128'], (f, x, y) => emit(f, x, y))
    assert.ok(WebAssembly.validate(m.toBytes()), `${name} works in a module without memory`)
  }
})

test('Threefry and uniform numbers equal those of JavaScript, for any key, index and counter', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const m = new ModuleBuilder({ memory: { initial: 1 } })
  m.export(
    'run',
    m.func('run', ['i32', 'i32', 'i32', 'i32'], [], (f, key0, key1, first, counter) => {
      const indices = i32x4.add(i32x4.splat(first), i32x4.const(0, 1, 2, 3))
      const bits = f.let(emitThreefry(f, key0, i32.add(key1, 0), indices, counter))
      f.store(0, bits)
      f.store(16, emitUniform(f, bits))
    }),
  )
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(m.toBytes()), { env: { memory } }).exports as {
    run: (...words: number[]) => void
  }
  const keys = [0, 1, -1, 0x12345678, -0x80000000]
  for (const key0 of keys)
    for (const key1 of keys)
      for (const first of [0, 1000, 0x7ffffffe])
        for (const counter of [0, 7, -3]) {
          run(key0, key1, first, counter)
          for (let lane = 0; lane < 4; lane++) {
            const [expected] = threefry2x32(key0, key1, first + lane, counter)
            assert.equal(new Int32Array(memory.buffer)[lane], expected)
            assert.equal(new Float32Array(memory.buffer)[4 + lane], toUniform(expected))
          }
        }
})
