/** What is sent to a worker. */
export interface Question {
  id: number
  job: unknown
}

/** An error in a form that survives the way between threads with its class's name and its file. */
export interface ErrorData {
  name: string
  message: string
  file: string | undefined
  stack: string | undefined
}

/** What comes back. */
export type Answer<Result> = { id: number; result: Result } | { id: number; error: ErrorData }
