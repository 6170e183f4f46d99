import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  atomic,
  call,
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  loadPair,
  localPair,
  ModuleBuilder,
  pairwise,
  select,
  setPair,
  splatPair,
  storePair,
  v128,
} from './index.ts'

type Exports = Record<string, (...args: never[]) => unknown>

function instantiate(m: ModuleBuilder, memory?: WebAssembly.Memory, env: Record<string, unknown> = {}): Exports {
  const bytes = m.toBytes()
  assert.ok(WebAssembly.validate(bytes), 'module validates')
  const imports = { env: { ...(memory ? { memory } : {}), ...env } } as WebAssembly.Imports
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as unknown as Exports
}

const withMemory = () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  return { memory, floats: new Float32Array(memory.buffer), m: new ModuleBuilder({ memory: { initial: 1 } }) }
}

test('i32 arithmetic equals JavaScript on any operands', () => {
  const cases: [string, (a: Expr<'i32'>, b: Expr<'i32'>) => Expr<'i32'>, (a: number, b: number) => number][] = [
    ['add', i32.add, (a, b) => (a + b) | 0],
    ['sub', i32.sub, (a, b) => (a - b) | 0],
    ['mul', i32.mul, Math.imul],
    ['shl', i32.shl, (a, b) => a << b],
    ['shrS', i32.shrS, (a, b) => a >> b],
    ['shrU', i32.shrU, (a, b) => (a >>> b) | 0],
    ['ltU', i32.ltU, (a, b) => Number(a >>> 0 < b >>> 0)],
    ['geS', i32.geS, (a, b) => Number(a >= b)],
    ['rotl', i32.rotl, (a, b) => (a << (b & 31)) | (b & 31 ? a >>> (32 - (b & 31)) : 0)],
  ]
  const m = new ModuleBuilder()
  for (const [name, build] of cases)
    m.export(
      name,
      m.func(name, ['i32', 'i32'], ['i32'], (_, a, b) => build(a, b)),
    )
  const wasm = instantiate(m) as unknown as Record<string, (a: number, b: number) => number>
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      for (const [name, , expected] of cases) assert.equal(wasm[name]!(a, b), expected(a, b), name)
    }),
  )
})

test('constants of every size survive, and constant i32 arithmetic folds to the same value', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer(),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.double(),
      (a, b, long, real) => {
        const m = new ModuleBuilder()
        const folded = i32.mul(i32.add(a, b), i32.shrU(b, 3))
        assert.equal(folded.operands.length, 0)
        m.export(
          'folded',
          m.func('folded', [], ['i32'], () => folded),
        )
        m.export(
          'long',
          m.func('long', [], ['i64'], () => i64.const(long)),
        )
        m.export(
          'real',
          m.func('real', [], ['f64'], () => f64.const(real)),
        )
        m.export(
          'single',
          m.func('single', [], ['f32'], () => f32.const(real)),
        )
        const wasm = instantiate(m) as unknown as Record<string, () => unknown>
        assert.equal(wasm.folded!(), Math.imul((a + b) | 0, b >>> 3))
        assert.equal(wasm.long!(), long)
        assert.ok(Object.is(wasm.real!(), real))
        assert.ok(Object.is(wasm.single!(), Math.fround(real)))
      },
    ),
    { numRuns: 50 },
  )
})

test('multiplying by a power of two or by one, and adding zero, cost no multiplication or addition', () => {
  const m = new ModuleBuilder()
  m.func('f', ['i32'], ['i32'], (_, x) => {
    assert.equal(i32.mul(x, 1), x)
    assert.equal(i32.add(0, x), x)
    assert.deepEqual(i32.mul(x, 16).code, [0x74])
    return x
  })
})

test('for counts like JavaScript for every begin, end and step, constant or not', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 20 }),
      fc.integer({ min: -5, max: 20 }),
      fc.integer({ min: 1, max: 7 }),
      (begin, end, step) => {
        const m = new ModuleBuilder()
        const count = (name: string, constant: boolean) =>
          m.export(
            name,
            m.func(name, ['i32', 'i32'], ['i32'], (f, from, to) => {
              const i = f.local('i32')
              const sum = f.let(i32.const(0))
              f.for(i, constant ? begin : from, constant ? end : i32.add(to, 0), step, () => {
                f.set(sum, i32.add(i32.mul(sum, 3), i32.add(i, 100)))
              })
              return sum
            }),
          )
        count('constant', true)
        count('variable', false)
        const wasm = instantiate(m) as unknown as Record<string, (a: number, b: number) => number>
        let expected = 0
        for (let i = begin; i < end; i += step) expected = (Math.imul(expected, 3) + i + 100) | 0
        assert.equal(wasm.constant!(begin, end), expected)
        assert.equal(wasm.variable!(begin, end), expected)
      },
    ),
  )
})

test('unsigned for loops run over addresses above 2 GiB', () => {
  const m = new ModuleBuilder()
  m.export(
    'count',
    m.func('count', ['i32', 'i32'], ['i32'], (f, begin, end) => {
      const p = f.local('i32')
      const n = f.local('i32')
      f.for(p, begin, end, 16, () => f.increment(n, 1), { unsigned: true })
      return n
    }),
  )
  const { count } = instantiate(m) as unknown as { count: (a: number, b: number) => number }
  assert.equal(count(0x7ffffff0 | 0, 0x80000020 | 0), 3)
})

test('while, if, block, br, tee, select, calls, globals and imports', () => {
  const seen: number[] = []
  const m = new ModuleBuilder()
  const report = m.importFunc('env', 'report', ['i32'], [])
  const counter = m.global(i32.const(5))
  const gcd = m.func('gcd', ['i32', 'i32'], ['i32'], (f, a, b) => {
    const t = f.local('i32')
    f.while(i32.ne(b, 0), () => {
      f.set(t, i32.remU(a, b))
      f.set(a, b)
      f.set(b, t)
    })
    return a
  })
  m.export(
    'main',
    m.func('main', ['i32'], ['i32'], (f, x) => {
      const y = f.local('i32')
      f.block((exit) => {
        f.brIf(exit, i32.gtS(x, 100))
        f.loop((again) => {
          f.setGlobal(counter, i32.sub(counter, 1))
          f.brIf(again, counter)
        })
        f.if(
          i32.eq(f.tee(y, i32.add(x, 2)), 12),
          () => f.call(report, [y]),
          () => f.call(report, [-1]),
        )
      })
      f.call(report, [select(i32.gtS(x, 50), i32.const(1), i32.const(2))])
      return i32.add(call(gcd, [i32.mul(x, 6), i32.mul(x, 9)]), counter)
    }),
  )
  const { main } = instantiate(m, undefined, { report: (v: number) => seen.push(v) }) as unknown as {
    main: (x: number) => number
  }
  assert.equal(main(200), 605)
  assert.equal(main(10), 30)
  assert.deepEqual(seen, [1, 12, 2])
})

test('loads and stores of every width', () => {
  const { memory, m } = withMemory()
  m.export(
    'move',
    m.func('move', ['i32', 'i32'], [], (f, from, to) => {
      f.store8(to, i32.load8S(from), { offset: 0 })
      f.store16(to, i32.load16U(from, { offset: 2 }), { offset: 2 })
      f.store(to, i32.load(from, { offset: 4 }), { offset: 4 })
      f.store(to, i64.load(from, { offset: 8 }), { offset: 8 })
      f.store(to, f32.load(from, { offset: 16 }), { offset: 16 })
      f.store(to, f64.load(from, { offset: 24, align: 4 }), { offset: 24 })
      f.store(to, v128.load(from, { offset: 32 }), { offset: 32 })
      f.storeLane(32, to, v128.load32Lane(from, v128.zero(), 2, { offset: 48 }), 2, { offset: 48 })
      f.copyMemory(i32.add(to, 64), i32.add(from, 64), 16)
      f.fillMemory(i32.add(to, 80), 7, 16)
    }),
  )
  const bytes = new Uint8Array(memory.buffer)
  for (let i = 0; i < 128; i++) bytes[i] = 3 * i + 1
  const { move } = instantiate(m, memory) as unknown as { move: (a: number, b: number) => void }
  move(0, 1024)
  const copied = [0, 2, 3, 4, 7, 8, 15, 16, 19, 24, 31, 32, 47, 48, 51, 64, 79]
  for (const at of copied) assert.equal(bytes[1024 + at], bytes[at], `byte ${at}`)
  assert.deepEqual([...bytes.subarray(1024 + 80, 1024 + 96)], new Array(16).fill(7))
})

test('every SIMD instruction of the tables validates', () => {
  const { m } = withMemory()
  m.func('all', ['i32', 'f32', 'f64', 'i64'], [], (f, p, single, double, long) => {
    const a = f.local('v128')
    const given: Record<string, unknown[]> = {
      const: [1, 2, 3, 4],
      splat: [p],
      shuffle: [a, a, new Array(16).fill(31)],
    }
    const spaces = { f32x4, f64x2, i32x4, i64x2, i16x8, i8x16, v128, i32, i64, f32, f64 }
    const scalar = { i32: p, i64: long, f32: single, f64: double } as const
    for (const [space, table] of Object.entries(spaces)) {
      const lane = { f32x4: single, f64x2: double, i64x2: long }[space] ?? p
      for (const [name, build] of Object.entries(table) as [string, (...args: unknown[]) => Expr][]) {
        let args = given[name]
        if (space === 'v128' && name === 'const') args = [new Array(16).fill(9)]
        else if (space in scalar && name === 'const') args = [1]
        else if (name === 'splat') args = [lane]
        else if (name.startsWith('extractLane')) args = [a, 1]
        else if (name === 'replaceLane') args = [a, 1, lane]
        else if (/^load\d+Lane$/.test(name)) args = [p, a, 1]
        else if (name.startsWith('load')) args = [p]
        else if (/^sh[lr]/.test(name) && !(space in scalar)) args = [a, p]
        else if (space in scalar) {
          const source = /[a-z](I32|I64|F32|F64)/.exec(name)?.[1]?.toLowerCase() ?? space
          args = new Array(build.length).fill(scalar[source as keyof typeof scalar])
        }
        f.drop(build(...(args ?? new Array(build.length).fill(a))))
      }
    }
    f.drop(f.madd(a, a, a))
    f.drop(f.nmadd(a, a, a))
  })
  assert.ok(WebAssembly.validate(m.toBytes()))
})

test('SIMD arithmetic, shuffles, selects and conversions compute what they say', () => {
  const { memory, floats, m } = withMemory()
  m.export(
    'run',
    m.func('run', [], [], (f) => {
      const a = f.let(v128.load(0))
      const b = f.let(v128.load(16))
      f.store(64, f.madd(a, b, f32x4.splat(0.5)))
      f.store(80, f.nmadd(a, b, f32x4.splat(0.5)))
      f.store(96, i8x16.shuffle(a, b, [4, 5, 6, 7, 16, 17, 18, 19, 0, 1, 2, 3, 28, 29, 30, 31]))
      f.store(112, v128.bitselect(a, b, f32x4.gt(a, b)))
      f.store(128, f32x4.convertI32x4S(i32x4.truncSatF32x4S(f32x4.mul(a, b))))
      f.store(144, f32x4.pmax(a, b))
      f.store(160, f32x4.replaceLane(v128.load32Splat(8), 1, f32x4.extractLane(b, 3)))
      f.store(176, f64x2.promoteLowF32x4(a))
    }),
  )
  floats.set([1.5, -2.25, 3, 8, 2, 4, -1.5, 0.5])
  ;(instantiate(m, memory).run as () => void)()
  const row = (byte: number) => [...floats.subarray(byte / 4, byte / 4 + 4)]
  assert.deepEqual(row(64), [3.5, -8.5, -4, 4.5])
  assert.deepEqual(row(80), [-2.5, 9.5, 5, -3.5])
  assert.deepEqual(row(96), [-2.25, 2, 1.5, 0.5])
  assert.deepEqual(row(112), [2, 4, 3, 8])
  assert.deepEqual(row(128), [3, -9, -4, 4])
  assert.deepEqual(row(144), [2, 4, 3, 8])
  assert.deepEqual(row(160), [3, 0.5, 3, 3])
  assert.deepEqual([...new Float64Array(memory.buffer, 176, 2)], [1.5, -2.25])
})

test('the relaxed flavour uses relaxed instructions, the strict one does not', () => {
  const build = (flavour: 'relaxed' | 'strict') => {
    const m = new ModuleBuilder({ flavour })
    return m.func('f', ['v128'], ['v128'], (f, a) => {
      assert.equal(f.madd(a, a, a).code[1] === 0x85 && f.madd(a, a, a).code[2] === 0x02, flavour === 'relaxed')
      return f.madd(a, a, a)
    })
  }
  build('relaxed')
  build('strict')
})

test('pairs compute eight floats at a time', () => {
  const { memory, floats, m } = withMemory()
  m.export(
    'sum',
    m.func('sum', ['i32', 'i32'], [], (f, begin, end) => {
      const p = f.local('i32')
      const sum = localPair(f)
      f.for(p, begin, end, 32, () => setPair(f, sum, pairwise(f32x4.add, sum, loadPair(p))), { unsigned: true })
      storePair(f, 0, pairwise(f32x4.mul, sum, splatPair(2)))
    }),
  )
  for (let i = 0; i < 64; i++) floats[64 + i] = i
  ;(instantiate(m, memory).sum as (a: number, b: number) => void)(256, 512)
  assert.deepEqual([...floats.subarray(0, 8)], [448, 464, 480, 496, 512, 528, 544, 560])
})

test('atomics on a shared memory', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
  const m = new ModuleBuilder({ memory: { initial: 1, maximum: 2, shared: true } })
  m.export(
    'run',
    m.func('run', ['i32'], ['i32'], (f, p) => {
      f.atomicStore(p, 40)
      f.fence()
      f.drop(atomic.add(p, 2))
      f.drop(atomic.compareExchange(p, 42, 43))
      f.drop(atomic.notify(p))
      return i32.add(i32.mul(atomic.load(p), 100), atomic.wait(p, 43, 1000n))
    }),
  )
  const { run } = instantiate(m, memory) as unknown as { run: (p: number) => number }
  assert.equal(run(64), 4302)
})

test('faults are named where they are made', () => {
  const m = new ModuleBuilder()
  const g = m.func('g', ['f32'], [], () => {})
  m.func('f', ['i32'], [], (f, x) => {
    const local = f.local('f32')
    assert.throws(() => f.set(local, x as never), /local is f32, value is i32/)
    assert.throws(() => f.call(g, [x as never]), /call g: argument 0 is i32, the parameter is f32/)
    assert.throws(() => i32.load(x, { offset: -4 }), /offset -4/)
    assert.throws(() => i32.load(x, { align: 3 }), /alignment 3/)
    assert.throws(() => i32.const(0.5), /0.5 is not a 32-bit integer/)
    assert.throws(() => f32x4.extractLane(f.local('v128'), 4), /lane 4 does not exist/)
    let closed: { depth: number } | undefined
    f.block((exit) => void (closed = exit))
    assert.throws(() => f.br(closed!), /already closed/)
  })
  assert.throws(() => m.importFunc('env', 'late', [], []), /import before the first function/)
  assert.throws(() => new ModuleBuilder({ memory: { initial: 1, shared: true } }), /needs a maximum/)
})

test('constants are set once where the function begins, shared, and right before and inside loops', () => {
  const { memory, floats, m } = withMemory()
  m.export(
    'fill',
    m.func('fill', ['i32'], ['i32'], (f, end) => {
      const at = f.local('i32')
      f.for(at, 0, end, 16, () => {
        const two = f.constant(f32x4.splat(2))
        assert.equal(f.constant(f32x4.splat(2)), two, 'the same constant is the same local')
        assert.notEqual(f.constant(f32x4.splat(3)), two)
        f.store(at, f32x4.add(two, f.constant(f32x4.const(1, 2, 3, 4))))
      })
      for (const variable of [at, i32.add(at, 1), i32.load(0)])
        assert.throws(() => f.constant(variable), /is no constant/)
      return f.constant(i32.const(77))
    }),
  )
  const { fill } = instantiate(m, memory) as unknown as { fill: (end: number) => number }
  assert.equal(fill(0), 77)
  assert.equal(fill(32), 77)
  assert.deepEqual([...floats.subarray(0, 9)], [3, 4, 5, 6, 3, 4, 5, 6, 0])
})

test('equal functions are compiled once, and calls of either reach it', () => {
  const m = new ModuleBuilder()
  const twice = m.func('twice', ['i32'], ['i32'], (_, x) => i32.add(x, x))
  const double = m.func('double', ['i32'], ['i32'], (_, x) => i32.add(x, x))
  const triple = m.func('triple', ['i32'], ['i32'], (_, x) => i32.add(x, i32.add(x, x)))
  const wide = m.func('wide', ['i64'], ['i64'], (_, x) => x)
  const narrow = m.func('narrow', ['i32'], ['i32'], (_, x) => x)
  assert.equal(double.index, twice.index)
  assert.notEqual(triple.index, twice.index)
  assert.notEqual(wide.index, narrow.index, 'functions of different types differ, whatever their bodies')
  const all = m.func('all', ['i32'], ['i32'], (_, x) =>
    i32.add(call(twice, [x]), i32.add(call(double, [x]), call(triple, [x]))),
  )
  m.export('all', all)
  m.export('double', double)
  const wasm = instantiate(m) as unknown as Record<string, (x: number) => number>
  assert.equal(wasm.all!(5), 35)
  assert.equal(wasm.double!(5), 10)
})
