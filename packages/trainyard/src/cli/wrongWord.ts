import type { WrongWord } from '@trainyard/tracker/commands'
import type { Command } from 'commander'

/**
 * The first word of a command line that names no command or option; values are not looked at.
 *
 * @param words What follows the program's name; `undefined` where the word is not known yet.
 */
export function wrongWord(program: Command, words: readonly (string | undefined)[]): WrongWord | undefined {
  let command = program
  let of = program.name()
  for (const [index, word] of words.entries()) {
    const { commands } = command
    if (word === undefined || word === '--') {
      if (word === '--' || commands.length > 0) return undefined
    } else if (word.startsWith('--')) {
      const known = command.options.flatMap(({ long }) => long ?? [])
      if (![...known, '--help'].includes(word.split('=')[0])) return { index, what: 'option', of, known }
    } else if (commands.length > 0 && !word.startsWith('-')) {
      const next = commands.find((command) => command.name() === word || command.aliases().includes(word))
      if (next === undefined && command.registeredArguments.length > 0) return undefined
      if (next === undefined) return { index, what: 'command', of, known: commands.map((command) => command.name()) }
      command = next
      of += ` ${word}`
    }
  }
  return undefined
}
