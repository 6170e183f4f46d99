/** What is pointed at, in any chart or in the table: all others follow. */
export interface Pointed {
  /** A run's id, or a group's name. */
  key: string | null
  x: number | null
  /** Charts only follow an x of their own kind. */
  axis: string
  /** Who said it; it knows already. */
  source: string
}

class HoverStore {
  current = $state.raw<Pointed | null>(null)

  set(pointed: Pointed | null): void {
    this.current = pointed
  }

  leave(source: string): void {
    if (this.current?.source === source) this.current = null
  }
}

export const hover = new HoverStore()
