import { type StudySweepOptions, type StudySweepResult, sweepStudy } from '../sweep/study.ts'

/**
 * A sweep over the study of chest X-rays, such as `studies/xray/sweep.yaml`, with the report of what it teaches.
 *
 * @example
 * ```ts no-run
 * await xraySweep({ file: 'sweep.yaml', words: ['--data', 'films/'] })
 * ```
 */
export function xraySweep(options: StudySweepOptions): Promise<StudySweepResult> {
  return sweepStudy({ study: 'xray', further: ['test/f1', 'test/f1Min'] }, options)
}
