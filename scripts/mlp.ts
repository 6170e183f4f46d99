import {
  compile,
  createWasmBackend,
  fromArray,
  hostScalar,
  manualSeed,
  rand,
  stateZeros,
  type Tensor,
  useBackend,
} from '@trainyard/core'

const threads = Number(process.argv[2] ?? 1)
useBackend(await createWasmBackend({ threads }))
manualSeed(1)
const P: Tensor[] = []
async function lin(i: number, o: number) {
  const w = await rand([o, i])
    .sub(0.5)
    .mul(2 / Math.sqrt(i))
    .realize()
  w.requiresGrad = true
  const b = await rand([o])
    .sub(0.5)
    .mul(2 / Math.sqrt(i))
    .realize()
  b.requiresGrad = true
  P.push(w, b)
  return (x: Tensor) => x.matmul(w.transpose()).add(b)
}
const which = process.argv[3] ?? 'mlp'
const dims = which === 'mlp' ? [784, 128, 64, 10] : [2, 3, 3, 1]
const layers = []
for (let i = 0; i + 1 < dims.length; i++) layers.push(await lin(dims[i], dims[i + 1]))
const M = P.map((p) => stateZeros(p.shape))
const B = which === 'mlp' ? 64 : 128
const x = await rand([B, dims[0]]).realize(),
  y = fromArray(
    Int32Array.from({ length: B }, (_, i) => i % 10),
    [B],
  )
const step = compile((x: Tensor, y: Tensor) => {
  for (const p of P) p.grad = null
  let h = x
  layers.forEach((l, i) => {
    h = l(h)
    if (i < layers.length - 1) h = which === 'mlp' ? h.relu() : h.tanh()
  })
  const loss =
    which === 'mlp'
      ? h
          .logSoftmax(1)
          .mul(y.oneHot(10))
          .sum()
          .mul(-1 / B)
      : h.reshape([B]).sub(y.cast('float32')).pow(2).mean()
  loss.backward()
  P.forEach((p, i) => {
    const v = which === 'mlp' ? M[i].mul(0.9).add(p.grad!) : p.grad!
    if (which === 'mlp') M[i].assign(v)
    p.assign(p.sub(v.mul(hostScalar(() => 0.002))))
  })
  return loss
})
let t = performance.now()
let l = await step(x, y)
console.log('first', performance.now() - t, await l.item())
for (let i = 0; i < 300; i++) l = await step(x, y)
const n = 2000
const ts = []
for (let r = 0; r < 5; r++) {
  t = performance.now()
  for (let i = 0; i < n; i++) l = await step(x, y)
  ts.push(((performance.now() - t) / n) * 1000)
}
console.log('us/step', ts.map((v) => v.toFixed(1)).join(' '), await l.item())
if (process.argv[4]) { const e = await step.profile(50, x, y); let s = 0; for (const k of e.kernels) { s += k.seconds!; console.log(k.name, "|", k.shape, (k.seconds! * 1e6).toFixed(1) + "us", (k.flops / k.seconds! / 1e9).toFixed(1) + "GF", (k.bytes / k.seconds! / 1e9).toFixed(1) + "GB/s") } console.log(s * 1e6) }
process.exit()
