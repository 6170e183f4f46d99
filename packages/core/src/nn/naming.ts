/**
 * The state-dict key of a field: PyTorch's names are in snake case, ours in camel case. `runningMean` becomes
 * `running_mean`; what is in snake case already stays.
 */
export function stateKey(field: string): string {
  return field.replace(/([a-z0-9])([A-Z])/g, (_, before: string, upper: string) => `${before}_${upper.toLowerCase()}`)
}
