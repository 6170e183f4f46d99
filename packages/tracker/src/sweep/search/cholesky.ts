/**
 * Factors a symmetric positive definite matrix into L·Lᵀ and returns L, row by row, or `undefined` where the matrix is not
 * positive definite. Typed arrays, since fitting a Gaussian process does nothing else a few dozen times per trial.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | undefined {
  const lower = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column]
      for (let k = 0; k < column; k++) sum -= lower[row * size + k] * lower[column * size + k]
      if (row !== column) lower[row * size + column] = sum / lower[column * size + column]
      else if (sum > 0) lower[row * size + row] = Math.sqrt(sum)
      else return undefined
    }
  return lower
}

/** Solves L·x = right, in place. */
export function solveLower(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  for (let row = 0; row < size; row++) {
    let sum = right[row]
    for (let k = 0; k < row; k++) sum -= lower[row * size + k] * right[k]
    right[row] = sum / lower[row * size + row]
  }
  return right
}

/** Solves Lᵀ·x = right, in place. */
export function solveUpper(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  for (let row = size - 1; row >= 0; row--) {
    let sum = right[row]
    for (let k = row + 1; k < size; k++) sum -= lower[k * size + row] * right[k]
    right[row] = sum / lower[row * size + row]
  }
  return right
}
