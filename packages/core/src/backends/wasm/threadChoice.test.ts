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
  assert.ok(simulate(new ThreadChoice(), 900, 2, 1) > 800)
  assert.ok(simulate(new ThreadChoice(), 900, 1, 2) < 20)
})

test('when the machine changes, so does the choice', () => {
  const choice = new ThreadChoice()
  simulate(choice, 1100, 1, 5)
  assert.ok(simulate(choice, 3000, 2, 1) > 1500)
})
