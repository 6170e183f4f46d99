import type { Block, Fact, Figure, Table } from './block.ts'

/**
 * A report in the making: sections, texts, tables and figures in reading order. `writeReport` puts it into a folder.
 *
 * @example
 * ```ts no-run
 * const report = new Report({ title: 'Noisy XOR', lead: 'Deep or wide?', facts: [{ label: 'networks', value: '120' }] })
 * report.section('Result').text('Width **3** solves it.')
 * await writeReport(report, 'reports/xor')
 * ```
 */
export class Report {
  readonly title: string
  /** What was asked and what came out, in a few sentences. */
  readonly lead: string
  readonly facts: readonly Fact[]
  readonly blocks: Block[] = []

  constructor({ title, lead, facts = [] }: { title: string; lead: string; facts?: readonly Fact[] }) {
    this.title = title
    this.lead = lead
    this.facts = facts
  }

  section(text: string, level: 2 | 3 = 2): this {
    return this.#add({ kind: 'heading', text, level })
  }

  text(text: string): this {
    return this.#add({ kind: 'text', text })
  }

  /** A remark set apart from the text: a reservation, a difference to the original. */
  note(text: string): this {
    return this.#add({ kind: 'note', text })
  }

  code(text: string): this {
    return this.#add({ kind: 'code', text })
  }

  table(table: Table): this {
    return this.#add({ kind: 'table', ...table })
  }

  figure(figure: Figure): this {
    return this.#add({ kind: 'figure', ...figure })
  }

  get figures(): Figure[] {
    return this.blocks.filter((block) => block.kind === 'figure')
  }

  #add(block: Block): this {
    this.blocks.push(block)
    return this
  }
}
