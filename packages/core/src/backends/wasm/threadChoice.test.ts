import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThreadChoice } from './threadChoice.ts'

/** Lets a choice run so often on a machine where runs take these times; gives how many were shared. */
function simulate(choice: ThreadChoice, runs: number, alone: number, shared: number): number {
  let count = 0
  for (let i = 0; i < runs; i++) {
    const shares = choice.next()
    if (shares) count++
    choice.took(shares ? shared : alone)
  }
  return count
}

test('the faster way is found and kept', () => {
  assert.ok(simulate(new ThreadChoice(), 900, 2, 1) > 850)
  assert.ok(simulate(new ThreadChoice(), 900, 1, 2) < 30)
})

test('a choice made while the program was new is soon looked at again', () => {
  const choice = new ThreadChoice()
  simulate(choice, 10, 1, 5)
  assert.ok(simulate(choice, 1000, 2, 1) > 900)
})

test('sharing ends within some runs when the other cores are taken', () => {
  const choice = new ThreadChoice()
  simulate(choice, 5000, 2, 1)
  assert.ok(simulate(choice, 1000, 2, 9) < 50)
})

test('a choice that is confirmed again and again is looked at seldom, and still looked at', () => {
  const choice = new ThreadChoice()
  simulate(choice, 5000, 1, 5)
  assert.ok(simulate(choice, 5000, 1, 5) < 20)
  assert.ok(simulate(choice, 5000, 2, 1) > 2500)
})
