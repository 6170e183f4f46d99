/** The writer thread of a process: one for all its runs, with its own event loop, so that it writes and beats while training computes. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { FinishRecord } from '../log/records.ts'
import { Interruption } from './interrupt.ts'
import { Flag, type FromWriter, type ToWriter } from './messages.ts'
import { Session } from './session.ts'

const port = parentPort
if (!port) throw new Error('writerThread.ts is started by the tracker as a worker thread')

const TICK = 100
const PATIENCE = 10
/** What a shell sees of a program that Ctrl-C has ended. */
const INTERRUPTED = 130
const sessions = new Map<number, Session>()
const tell = (message: FromWriter) => port.postMessage(message)
/** See {@link Interruption}. */
const interruption = new Int32Array(workerData as SharedArrayBuffer)
let interrupted = false
const stopSaid = new Set<number>()

function closed(run: number, flags: Int32Array): void {
  sessions.delete(run)
  stopSaid.delete(run)
  Atomics.store(flags, Flag.closed, 1)
  Atomics.notify(flags, Flag.closed)
  tell({ type: 'closed', run })
}

/** Answers a request whose result the training thread waits for. */
function answer(session: Session, run: number, request: number, work: Promise<unknown>): void {
  const answered = work.then(
    (result) => tell({ type: 'done', run, request, result }),
    (error: Error) => tell({ type: 'failed', run, request, message: error.message }),
  )
  session.copies.add(answered)
  void answered.then(() => session.copies.delete(answered))
}

function handle(message: ToWriter): void {
  const { run } = message
  if (message.type === 'open') {
    try {
      const session = new Session(
        message.options,
        (opened) => tell({ type: 'opened', run, opened }),
        (text) => tell({ type: 'warn', run, message: text }),
      )
      sessions.set(run, session)
    } catch (error) {
      const { name, message: text } = error as Error
      tell({ type: 'refused', run, name, message: text })
    }
    return
  }
  const session = sessions.get(run)
  if (!session) return
  switch (message.type) {
    case 'segment':
      session.queue.add(message.segment)
      break
    case 'schema':
      session.schema(message.schema, message.keys)
      break
    case 'record':
      session.record(message.record)
      break
    case 'console':
      session.consoleLine(message.line)
      break
    case 'media':
      session.media(message.step, message.time, message.key, message.items)
      break
    case 'file':
      answer(session, run, message.request, session.file(message.file, message.path))
      break
    case 'artifact':
      answer(session, run, message.request, session.artifact(message.artifact))
      break
    case 'finish':
      void end(session, run, message)
      break
  }
}

/** A run ends once: as the program says, unless Ctrl-C was first. */
function end(session: Session, run: number, how: Omit<FinishRecord, 'type' | 'time'>): Promise<void> {
  if (session.ending) return session.ending
  const { state, exitCode, error } = how
  session.finish({ type: 'finish', time: Date.now() / 1000, state, exitCode, error })
  drain()
  session.ending = session.close(PATIENCE).then(() => closed(run, session.flags))
  return session.ending
}

/** Ctrl-C was pressed: all runs end as stopped, then the process may die. */
async function endAll(): Promise<void> {
  const how = { state: 'stopped', exitCode: INTERRUPTED, error: null } as const
  await Promise.allSettled(Array.from(sessions, ([run, session]) => end(session, run, how)))
  Atomics.store(interruption, Interruption.written, 1)
  Atomics.notify(interruption, Interruption.written)
}

/** Messages first: rows may use schemas whose messages were sent just before them. */
function drain(): void {
  for (;;) {
    const next = receiveMessageOnPort(port!) as { message: ToWriter } | undefined
    if (!next) break
    receive(next.message)
  }
}

/** Whatever goes wrong with one message or one run, the others are written. */
function receive(message: ToWriter): void {
  attempt(message.run, () => handle(message))
}

function attempt(run: number, work: () => void): void {
  try {
    work()
  } catch (error) {
    tell({ type: 'warn', run, message: `the writer failed: ${(error as Error).stack ?? error}` })
  }
}

port.on('message', receive)
setInterval(() => {
  drain()
  if (!interrupted && Atomics.load(interruption, Interruption.seen) === 1) {
    interrupted = true
    void endAll()
    return
  }
  for (const [run, session] of sessions) {
    attempt(run, () => session.tick())
    if (Atomics.load(session.flags, Flag.stop) === 1 && !stopSaid.has(run)) {
      stopSaid.add(run)
      tell({ type: 'stop', run })
    }
  }
}, TICK)
