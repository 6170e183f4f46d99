/** The name of what is open, for the title of the window: an id says little among many tabs. */
class Title {
  name = $state<string | null>(null)

  /** For an effect: takes the name back when what it belongs to is left. */
  is(name: string | undefined): () => void {
    this.name = name ?? null
    return () => {
      this.name = null
    }
  }
}

export const title = new Title()
