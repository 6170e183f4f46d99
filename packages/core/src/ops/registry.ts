import { cast, detach, identity } from './cast.ts'
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.ts'
import { gather, scatterAdd } from './gather.ts'
import { buffer, constant, feed, input, iota, random } from './leaf.ts'
import { matmul } from './matmul.ts'
import { pointwise } from './pointwise.ts'
import { argmax, argmin, max, min, sum } from './reduce.ts'
import type { OpSpec } from './spec.ts'
import { standardize } from './standardize.ts'
import { concat, expand, pad, permute, reshape, slice } from './view.ts'
import { maxPool2d, maxPool2dIndex, maxPool2dScatter, maxPool2dSelect, sumPool2d, sumPool2dGrad } from './window.ts'

/** Every op there is. Backends hold one entry for each, and do not compile while one is missing. */
export const registry = {
  buffer,
  input,
  feed,
  constant,
  iota,
  random,
  ...pointwise,
  cast,
  detach,
  identity,
  sum,
  max,
  min,
  argmax,
  argmin,
  reshape,
  permute,
  expand,
  pad,
  slice,
  concat,
  standardize,
  matmul,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  maxPool2d,
  maxPool2dIndex,
  maxPool2dScatter,
  maxPool2dSelect,
  sumPool2d,
  sumPool2dGrad,
  gather,
  scatterAdd,
}

export type OpName = keyof typeof registry

export type AttrsOf<Name extends OpName> = (typeof registry)[Name] extends OpSpec<infer Attrs> ? Attrs : never
