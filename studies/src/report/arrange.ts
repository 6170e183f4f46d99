const GAP = 20

/** Puts drawings side by side, row by row, into one. */
export function arrange(drawings: readonly string[], columns: number): string {
  const sizes = drawings.map(sizeOf)
  const cell = {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  }
  const rows = Math.ceil(drawings.length / columns)
  const width = Math.min(columns, drawings.length) * (cell.width + GAP) - GAP
  const height = rows * (cell.height + GAP) - GAP
  const placed = drawings.map((svg, i) => {
    const x = (i % columns) * (cell.width + GAP)
    const y = Math.floor(i / columns) * (cell.height + GAP)
    return svg.replace(/^<svg/, `<svg x="${x}" y="${y}"`)
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${placed.join('')}</svg>`
}

function sizeOf(svg: string): { width: number; height: number } {
  const read = (name: string) => Number(new RegExp(`^<svg[^>]*\\s${name}="([\\d.]+)"`).exec(svg)?.[1] ?? 0)
  return { width: read('width'), height: read('height') }
}
