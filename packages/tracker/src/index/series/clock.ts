/** Turns wall time into the time that a run has run: the pauses between sessions do not count. */
import type { Session } from '../../log/runFold.ts'

/** What runs along x: `relative` in seconds that the run has run, `wall` in unix seconds. */
export type XAxis = 'step' | 'relative' | 'wall' | { metric: string }

export class RunClock {
  private readonly sessions: readonly Session[]

  constructor(sessions: readonly Session[]) {
    this.sessions = sessions.length > 0 ? sessions : [{ started: 0, ended: null, runtime: 0, step: 0 }]
  }

  /** Seconds that the run had run at a unix time in seconds. */
  relative(time: number): number {
    let { started, runtime } = this.sessions[0]
    for (const session of this.sessions) {
      if (session.started > time) break
      ;({ started, runtime } = session)
    }
    return runtime + Math.max(0, time - started)
  }

  /** The unix time at which the run had run for so many seconds. */
  wall(relative: number): number {
    let { started, runtime } = this.sessions[0]
    for (const session of this.sessions) {
      if (session.runtime > relative) break
      ;({ started, runtime } = session)
    }
    return started + relative - runtime
  }
}
