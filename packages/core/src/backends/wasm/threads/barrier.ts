import { atomic, type Expr, type Func, i32, type ModuleBuilder } from '../assembler/index.ts'
import { control } from './control.ts'

const bytes = (word: number): number => 4 * word

/**
 * Spins this often before sleeping, about 100 µs. Between two shared kernels the first thread may do a row of small ones
 * for some tens of microseconds; a thread that slept meanwhile would take longer to wake than all of them (measured: the
 * MLP step takes 640 µs with 20,000 spins and 173 µs with 100,000).
 */
const spins = 100_000

/**
 * Emits `barrier(thread, threads)`: returns when all threads of the run have called it, with everything that they wrote
 * before visible. A thread that fails elsewhere releases the others with a trap instead of leaving them here.
 *
 * The last to arrive changes the generation; the others spin on it, then sleep. It is the centralised barrier of
 * Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory multiprocessors" (1991), with a
 * counter in place of the sense, so that it needs no state of the thread's own.
 */
export function emitBarrier(m: ModuleBuilder): Func<readonly ['i32', 'i32'], null> {
  return m.func('barrier', ['i32', 'i32'], [], (f, thread, threads) => {
    f.if(i32.leS(threads, 1), () => f.return())
    const generation = f.let(atomic.load(bytes(control.generation)))
    f.if(i32.eq(i32.add(atomic.add(bytes(control.arrived), 1), 1), threads), () => {
      f.atomicStore(bytes(control.arrived), 0)
      f.atomicStore(bytes(control.taken), 0)
      f.drop(atomic.add(bytes(control.generation), 1))
      f.if(atomic.load(bytes(control.barrierSleepers)), () => f.drop(atomic.notify(bytes(control.generation))))
      f.return()
    })
    const mayWait = f.let(i32.or(i32.ne(thread, 0), atomic.load(bytes(control.firstThreadMayWait))))
    const spin = f.let(i32.const(0))
    f.while(i32.eq(atomic.load(bytes(control.generation)), generation), () => {
      f.if(atomic.load(bytes(control.aborted)), () => f.unreachable())
      f.increment(spin, 1)
      f.if(i32.and(i32.gtS(spin, spins), mayWait), () => {
        f.drop(atomic.add(bytes(control.barrierSleepers), 1))
        f.drop(atomic.wait(bytes(control.generation), generation))
        f.drop(atomic.sub(bytes(control.barrierSleepers), 1))
      })
    })
  })
}

/** Emits the taking of one of a step's last parts: how many were taken before. */
export function takePart(): Expr<'i32'> {
  return atomic.add(bytes(control.taken), 1)
}
