/**
 * Everything that makes one chest phantom. Lengths are in units of half the width of the rib cage, with the spine at u = 0,
 * the tops of the lungs at v = 0 and v growing downwards; "right" and "left" are the patient's, so right is on the left of
 * the picture. Attenuations are relative to the middle of the trunk, which is 1.
 */
export interface PhantomParameters {
  /** How the body lies in the picture, whose sides are 1. */
  frame: {
    centreX: number
    /** Where the tops of the lungs are. */
    top: number
    /** Half the width of the rib cage. */
    scale: number
    /** Radians. */
    rotation: number
    /** How far the right and left halves differ in width by a turn of the body about its long axis, -1..1. */
    turn: number
  }
  lungs: {
    /** From the tops of the lungs to the height of the domes. */
    height: number
    right: LungParameters
    left: LungParameters
    /** How much of the trunk's attenuation the lungs take away at their thickest. */
    depth: number
    /** Strength and fineness of the mottled texture. */
    texture: number
    vessels: number
  }
  trunk: {
    /** Thickness of the chest wall. */
    wall: number
    shoulder: number
    neck: number
    /** How far the arms stand off, 0 (at the side) to 1 (raised out of the picture). */
    arms: number
    /** How much more (or less) the belly attenuates than the chest. */
    abdomen: number
    /** Unevenness of fat and muscle. */
    texture: number
    breasts: number
    gas: number
  }
  bones: {
    ribs: number
    /** Thickness of a rib. */
    ribWidth: number
    /** How steeply ribs fall from back to front. */
    ribFall: number
    clavicles: number
    clavicleHeight: number
    scapulae: number
    spine: number
  }
  mediastinum: {
    /** Size of the heart, its shift to the left, its opacity (share of the lung's darkness that it takes). */
    heart: number
    heartShift: number
    heartOpacity: number
    aorta: number
    hilum: number
    trachea: number
    /** Widening of the upper mediastinum. */
    width: number
  }
  findings: {
    /** Cloudy opacities. */
    opacities: { side: -1 | 1; across: number; down: number; radius: number; strength: number }[]
    /** A veil over a whole lung. */
    haze: { right: number; left: number }
    /** Fluid that fills a lung from below: how high, as a share of its height. */
    effusion: { right: number; left: number }
  }
  devices: { wires: number; electrodes: number; tube: boolean; line: boolean; pacemaker: boolean; marker: boolean }
  film: FilmParameters
  /** What the textures, vessels and grain are made from. */
  seed: number
}

/** The outline of one lung. */
export interface LungParameters {
  /** Where its top is. */
  apex: number
  /** Its inner border at the top and at the base. */
  medialTop: number
  medialBase: number
  /** Its outer border at a third of its height and at the base (about 1). */
  lateralTop: number
  lateralBase: number
  /** How low the dome is (1 is `height`), how high it is arched, and where its summit is between inner and outer border. */
  base: number
  dome: number
  summit: number
  /** How far the inner end lies below the summit. */
  medialDrop: number
}

/** What happens between the rays and the eye. */
export interface FilmParameters {
  /** Attenuations shown black and white. */
  black: number
  white: number
  gamma: number
  /** Edge enhancement of processed films: what is taken away of the wide surroundings, 0..0.8. */
  enhancement: number
  /** In units of the picture's side. */
  blur: number
  /** Deviation of the grain, in shades. */
  noise: number
  /** Lowest and highest shade of the print. */
  darkest: number
  brightest: number
  /** Black borders, as shares of the sides. */
  borders: { left: number; right: number; top: number; bottom: number }
  /** Uneven exposure across the film, -1..1 a direction. */
  slopeX: number
  slopeY: number
}
