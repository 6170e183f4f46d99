/** Known optimisation problems over the unit cube, for comparing searchers. */
export interface OptimisationProblem {
  readonly name: string
  readonly dimensions: number
  readonly minimum: number
  evaluate(point: readonly number[]): number
}

/** Branin's function, rescaled from [-5, 10] × [0, 15]: three equal minima (Dixon and Szegő, 1978). */
export const branin: OptimisationProblem = {
  name: 'Branin',
  dimensions: 2,
  minimum: 0.39788735772973816,
  evaluate([u, v]) {
    const x = 15 * u - 5
    const y = 15 * v
    const inner = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6
    return inner * inner + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10
  },
}

const ALPHA = [1, 1.2, 3, 3.2]
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
]
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]

/** Hartmann's function in six dimensions, with six local minima (Dixon and Szegő, 1978). */
export const hartmann6: OptimisationProblem = {
  name: 'Hartmann-6',
  dimensions: 6,
  minimum: -3.322368011415512,
  evaluate(point) {
    return -ALPHA.reduce((sum, alpha, i) => {
      const inner = A[i].reduce((total, a, j) => total + a * (point[j] - P[i][j]) ** 2, 0)
      return sum + alpha * Math.exp(-inner)
    }, 0)
  },
}
