/** Something that is loaded: what is there, whether more is coming, what went wrong. */
export class Resource<T> {
  data = $state.raw<T | undefined>()
  error = $state.raw<Error | undefined>()
  loading = $state(false)
  #controller: AbortController | undefined

  /** Loads anew; what was there stays until the answer. */
  async load(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#controller?.abort()
    const controller = new AbortController()
    this.#controller = controller
    this.loading = true
    try {
      const data = await ask(controller.signal)
      if (this.#controller !== controller) return
      this.data = data
      this.error = undefined
    } catch (reason) {
      if (this.#controller !== controller) return
      this.error = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.loading = false
  }

  clear(): void {
    this.#controller?.abort()
    this.#controller = undefined
    this.data = undefined
    this.error = undefined
    this.loading = false
  }
}
