import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_FRACTIONS, kFoldByPatient, splitByPatient } from './split.ts'

const films = (sizes: number[]) =>
  sizes.flatMap((size, patient) =>
    Array.from({ length: size }, (_, film) => ({ name: `${patient}-${film}`, patient: `p${patient}` })),
  )
const patientsOf = (infos: { patient: string }[], indices: number[]) =>
  new Set(indices.map((index) => infos[index].patient))
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 20, maxLength: 60 })

test('no patient is on two sides, nothing is lost, and sizes are as asked', () => {
  fc.assert(
    fc.property(sizes, fc.nat(1000), (groups, seed) => {
      const infos = films(groups)
      const split = splitByPatient(infos, DEFAULT_FRACTIONS, seed)
      const parts = [split.train, split.validation, split.test]
      assert.deepEqual(
        parts.flat().sort((a, b) => a - b),
        infos.map((_, index) => index),
      )
      const patients = parts.map((part) => patientsOf(infos, part))
      assert.equal(
        patients.reduce((sum, set) => sum + set.size, 0),
        groups.length,
      )
      assert.ok(Math.abs(split.train.length - 0.75 * infos.length) <= 7)
      assert.deepEqual(splitByPatient(infos, DEFAULT_FRACTIONS, seed), split)
    }),
  )
})

test('another seed, another split; the order of the pictures does not matter', () => {
  const infos = films([1, 2, 3, 1, 2, 3, 1, 2, 3, 5, 5, 5])
  const names = (list: typeof infos, seed: number) =>
    splitByPatient(list, DEFAULT_FRACTIONS, seed)
      .test.map((index) => list[index].patient)
      .sort()
  assert.deepEqual(names(infos, 1), names([...infos].reverse(), 1))
  assert.ok([2, 3, 4].some((seed) => names(infos, seed).join() !== names(infos, 1).join()))
})

test('empty parts and bad fractions are refused', () => {
  assert.throws(
    () => splitByPatient(films([5, 5]), DEFAULT_FRACTIONS),
    /the (validation|test) split would be empty: 10 pictures of 2 patients/,
  )
  assert.throws(() => splitByPatient(films([1])), /split would be empty: 1 picture of 1 patient cannot be divided/)
  assert.throws(() => splitByPatient(films([1, 1]), { train: 0.9, validation: 0.2, test: 0.1 }), /add up to 1/)
  assert.throws(() => splitByPatient([], DEFAULT_FRACTIONS), /train split would be empty: 0 pictures/)
  assert.deepEqual(splitByPatient(films([1, 1]), { train: 0.5, validation: 0, test: 0.5 }).validation, [])
})

test('folds share no patient and each picture is tested once', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 3, max: 8 }), fc.nat(100), (groups, k, seed) => {
      const infos = films(groups)
      const splits = kFoldByPatient(infos, k, seed)
      assert.deepEqual(
        splits.flatMap(({ test }) => test).sort((a, b) => a - b),
        infos.map((_, index) => index),
      )
      for (const { train, validation, test } of splits) {
        assert.equal(train.length + validation.length + test.length, infos.length)
        assert.equal(
          patientsOf(infos, train).size + patientsOf(infos, validation).size + patientsOf(infos, test).size,
          groups.length,
        )
        assert.ok(Math.abs(test.length - infos.length / k) <= 7)
      }
    }),
  )
  assert.throws(() => kFoldByPatient(films([1, 1, 1]), 2), /2 folds; at least 3/)
  assert.throws(() => kFoldByPatient(films([1, 1, 1]), 5), /5 folds need at least 5 patients, but there are 3/)
})
