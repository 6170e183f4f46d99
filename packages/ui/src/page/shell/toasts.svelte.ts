/** Short messages about what was done, or could not be done. */
export interface Toast {
  id: number
  kind: 'done' | 'failed'
  text: string
}

class Toasts {
  list = $state<Toast[]>([])
  #next = 1

  say(text: string, kind: Toast['kind'] = 'done'): void {
    const id = this.#next++
    this.list = [...this.list.slice(-3), { id, kind, text }]
    setTimeout(() => this.dismiss(id), kind === 'failed' ? 9000 : 4000)
  }

  fail(error: unknown): void {
    this.say(error instanceof Error ? error.message : String(error), 'failed')
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()
