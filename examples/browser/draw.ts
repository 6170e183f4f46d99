import { RANGE, type Spirals } from './spirals.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Of the two classes, and of what lies between them. */
const FIRST: Colour = [41, 98, 196]
const BETWEEN: Colour = [244, 244, 246]
const SECOND: Colour = [214, 96, 28]
/** The surface is paler than the points on it. */
const SURFACE = 0.6

function colourOf(probability: number): Colour {
  const towards = probability < 0.5 ? FIRST : SECOND
  const share = SURFACE * Math.abs(2 * probability - 1)
  return BETWEEN.map((value, i) => value + share * (towards[i] - value)) as unknown as Colour
}

/** Draws what a network answers for each cell of a grid, and the points it learns from on top. */
export function draw(canvas: HTMLCanvasElement, answers: Float32Array, { points, arms }: Spirals): void {
  const context = canvas.getContext('2d')!
  const cells = Math.sqrt(answers.length)
  const image = new ImageData(cells, cells)
  answers.forEach((probability, i) => {
    image.data.set([...colourOf(probability), 255], 4 * i)
  })
  const small = new OffscreenCanvas(cells, cells)
  small.getContext('2d')!.putImageData(image, 0, 0)
  context.imageSmoothingQuality = 'high'
  context.drawImage(small, 0, 0, canvas.width, canvas.height)
  const place = (value: number): number => ((value / RANGE + 1) / 2) * canvas.width
  arms.forEach((arm, i) => {
    context.beginPath()
    context.arc(place(points[2 * i]), canvas.height - place(points[2 * i + 1]), 4.5, 0, 2 * Math.PI)
    context.fillStyle = `rgb(${(arm ? SECOND : FIRST).join()})`
    context.fill()
    context.lineWidth = 1.5
    context.strokeStyle = '#fff'
    context.stroke()
  })
}
