/** Lets the browser save something as a file. */
export function save(name: string, content: string | Blob, type = 'text/plain'): void {
  const url = URL.createObjectURL(
    content instanceof Blob ? content : new Blob([content], { type: `${type};charset=utf-8` }),
  )
  const link = document.createElement('a')
  link.href = url
  // What file systems do not like.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among it
  link.download = name.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
