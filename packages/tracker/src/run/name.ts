/** Ids and names for runs that were given none. */
import { randomInt } from 'node:crypto'

const qualities =
  'amber brisk calm clear crisp early eager fair fleet frosty gentle golden green hardy keen light lively lucky mellow misty nimble noble plain proud quick quiet rapid ready rosy silent silver smooth snowy solid spry steady still sunny swift tidy vivid warm wild wise'.split(
    ' ',
  )
const things =
  'anchor axle barge beacon bell boiler bridge buffer canyon carriage coal crane depot engine ferry freight gauge harbor junction ladder lamp lantern line mill piston platform quarry rail river route siding signal sleeper spike spur station switch tender timber track trestle tunnel valley wagon whistle yard'.split(
    ' ',
  )
const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Eight random letters and digits. */
export const randomId = (): string => Array.from({ length: 8 }, () => letters[randomInt(36)]).join('')

/** Such as `swift-signal-042`. */
export const randomName = (): string =>
  `${qualities[randomInt(qualities.length)]}-${things[randomInt(things.length)]}-${String(randomInt(1000)).padStart(3, '0')}`
