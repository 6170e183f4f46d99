/** Where a popover goes: below what it belongs to, above where there is no room, never over the edge. */
export interface Rectangle {
  left: number
  top: number
  right: number
  bottom: number
}

export function place(
  anchor: Rectangle,
  size: { width: number; height: number },
  view: { width: number; height: number },
  align: 'start' | 'end' = 'start',
  gap = 4,
): { left: number; top: number; maxHeight: number } {
  const edge = 8
  const below = view.height - anchor.bottom - gap - edge
  const above = anchor.top - gap - edge
  const down = size.height <= below || below >= above
  const maxHeight = Math.max(80, down ? below : above)
  const height = Math.min(size.height, maxHeight)
  const wanted = align === 'start' ? anchor.left : anchor.right - size.width
  return {
    left: Math.max(edge, Math.min(view.width - size.width - edge, wanted)),
    top: down ? anchor.bottom + gap : anchor.top - gap - height,
    maxHeight,
  }
}
