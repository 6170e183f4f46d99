export function formatSeconds(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`
  return seconds < 1 ? `${(seconds * 1e3).toFixed(2)} ms` : `${seconds.toFixed(2)} s`
}

export const formatBytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
export const formatShare = (share: number): string => `${(100 * share).toFixed(0)} %`
export const formatRatio = (ratio: number): string => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}×`
