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

test('trials cost a few per cent, however slow the other way is, and a choice is always looked at again', () => {
  for (const slow of [1.2, 5, 50]) {
    const choice = new ThreadChoice()
    simulate(choice, 20_000, 1, slow)
    const runs = 20_000
    const shared = simulate(choice, runs, 1, slow)
    assert.ok(shared > 0)
    assert.ok((shared * (slow - 1)) / runs < 0.025, `${shared} runs that take ${slow} times as long`)
    assert.ok(simulate(choice, runs, 2, 1) > runs / 2)
  }
})

test('a close race that went the wrong way is soon run again', () => {
  const choice = new ThreadChoice()
  simulate(choice, 20_000, 1, 1.3)
  assert.ok(simulate(choice, 400, 1.6, 1) > 250)
})
