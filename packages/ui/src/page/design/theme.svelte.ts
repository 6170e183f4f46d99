/** Light or dark: as the system has it, until somebody chooses. */
import type { Theme } from './palette.ts'

export type ThemeChoice = Theme | 'system'
const key = 'trainyard.theme'

const dark = matchMedia('(prefers-color-scheme: dark)')

class ThemeStore {
  choice = $state<ThemeChoice>('system')
  #system = $state<Theme>(dark.matches ? 'dark' : 'light')
  readonly current: Theme = $derived(this.choice === 'system' ? this.#system : this.choice)

  constructor() {
    dark.addEventListener('change', () => {
      this.#system = dark.matches ? 'dark' : 'light'
      this.#apply()
    })
    try {
      const stored = localStorage.getItem(key)
      if (stored === 'light' || stored === 'dark') this.choice = stored
    } catch {
      // No storage: the system's theme.
    }
    this.#apply()
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice
    try {
      localStorage.setItem(key, choice)
    } catch {
      // Kept for this page only.
    }
    this.#apply()
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.current
  }
}

export const theme = new ThemeStore()
