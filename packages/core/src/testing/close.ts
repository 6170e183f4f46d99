import assert from 'node:assert/strict'

export interface Tolerance {
  /** Allowed for values near 0. */
  readonly absolute: number
  /** Allowed in proportion to the expected value. */
  readonly relative: number
}

/** Throws with the first element that is further away than allowed. NaN equals NaN, an infinity only itself. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative }: Tolerance,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`)
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]]
    if (Object.is(a, e) || a === e) continue
    assert.ok(
      Math.abs(a - e) <= absolute + relative * Math.abs(e),
      `${what}: element ${i} is ${a}, expected ${e} (difference ${a - e})`,
    )
  }
}
