import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileSample } from '@trainyard/vision'
import { holdOut } from './holdOut.ts'

const films = (rows: readonly (readonly [patient: string, location: string])[]): FileSample[] =>
  rows.map(([patient, location], index) => ({
    name: `film-${index}`,
    patient,
    image: '',
    mask: '',
    columns: { name: `film-${index}`, patient, location },
  }))
const FILMS = films([
  ['1', 'Hannover Medical School, Hannover'],
  ['2', 'San Lazaro Hospital, Manila'],
  ['1', 'Hannover Medical School, Hannover'],
  ['3', 'Wuhan (a.b)'],
])

test('films are kept apart by a column: equal or not, any text for *, capitals alike', () => {
  const heldBy = (condition: string) => {
    const { kept, held } = holdOut(FILMS, condition, 'xray')
    assert.deepEqual(
      [...kept, ...held].sort((a, b) => a - b),
      [0, 1, 2, 3],
    )
    return held
  }
  assert.deepEqual(heldBy('location!=Hannover*'), [1, 3])
  assert.deepEqual(heldBy('Location = *manila'), [1])
  assert.deepEqual(heldBy('patient=1'), [0, 2])
  assert.deepEqual(heldBy('location=wuhan (a.b)'), [3])
})

test('conditions that keep nothing apart, or everything, are refused with what there is', () => {
  const refuses = (condition: string, pattern: RegExp, of = FILMS) =>
    assert.throws(() => holdOut(of, condition, 'xray'), pattern)
  refuses('Hannover', /--hold-out "Hannover": give a column of manifest\.csv and a value, such as/)
  refuses('location=', /give a column/)
  refuses('hospital=x', /manifest\.csv has no column hospital; its columns are name, patient, location/)
  refuses('location=wuhan (axb)', /none of the 4 films would be kept apart; location is "Hannover.*", "San/)
  refuses('location=*', /every one of the 4 films/)
  refuses('location=*', /xray has no manifest\.csv/, [{ name: 'a', patient: 'a', image: '', mask: '' }])
  const moved = films([
    ['1', 'Hannover'],
    ['1', 'Manila'],
  ])
  refuses('location=Manila', /patient 1 has films on both sides; choose a column/, moved)
})
