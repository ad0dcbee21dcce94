/**
 * Shapes of the synthetic data set as coverage functions: the covered share of the pixel at (x, y), 0 … 1.
 *
 * x points right and y down, both in pixels from the shape's centre; r is its radius in pixels. The signed distances follow Inigo
 * Quilez, https://iquilezles.org/articles/distfunctions2d/.
 */
export type Shape = (x: number, y: number, r: number) => number;

const { abs, max, min, sign, sqrt } = Math;

// Math.hypot guards against overflow, and is many times slower.
const hypot = (x: number, y: number) => sqrt(x * x + y * y);

const clamp = (value: number, low: number, high: number) => min(max(value, low), high);

/** The coverage of a pixel by the signed distance of its centre from an edge, in pixels, negative inside. */
const covered = (distance: number) => clamp(0.5 - distance, 0, 1);

/** The signed distance to a box with these half sides. */
function box(x: number, y: number, width: number, height: number): number {
  const dx = abs(x) - width;
  const dy = abs(y) - height;
  return hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0);
}

/** An equilateral triangle pointing up, with corners at about 1.15 r from the centre. */
function triangle(x: number, y: number, r: number): number {
  const k = sqrt(3);
  let px = abs(x) - r;
  let py = -y + r / k;
  if (px + k * py > 0) {
    const mirrored = (px - k * py) / 2;
    py = (-k * px - py) / 2;
    px = mirrored;
  }
  px -= clamp(px, -2 * r, 0);
  return -hypot(px, py) * sign(py);
}

const COS36 = Math.cos(Math.PI / 5);
const SIN36 = Math.sin(Math.PI / 5);

/** A five-pointed star, one point up. */
function star(x: number, y: number, r: number): number {
  const inner = 0.45;
  let px = abs(x);
  let py = -y;
  // Folds the plane along the star's axes to half of one arm.
  for (let side = COS36; side >= -COS36; side -= 2 * COS36) {
    const fold = 2 * max(side * px - SIN36 * py, 0);
    px -= fold * side;
    py += fold * SIN36;
  }
  px = abs(px);
  py -= r;
  const bx = inner * SIN36;
  const by = inner * COS36 - 1;
  const along = clamp((px * bx + py * by) / (bx * bx + by * by), 0, r);
  return hypot(px - bx * along, py - by * along) * sign(py * bx - px * by);
}

/** A heart, lobes above, tip below. */
function heart(x: number, y: number, r: number): number {
  const unit = 1.75 * r;
  const px = abs(x) / unit;
  const py = -y / unit + 0.55;
  if (px + py > 1) return unit * (hypot(px - 0.25, py - 0.75) - sqrt(2) / 4);
  const fold = 0.5 * max(px + py, 0);
  return unit * min(hypot(px, py - 1), hypot(px - fold, py - fold)) * sign(px - py);
}

/** A diamond, higher than wide. */
function diamond(x: number, y: number, r: number): number {
  const [width, height] = [0.75 * r, 1.2 * r];
  return (abs(x) * height + abs(y) * width - width * height) / hypot(width, height);
}

/** The coverage by parallel bands, each `width` pixels wide, alternately covered and bare. */
function bands(position: number, width: number): number {
  const phase = position / (2 * width);
  const fromMiddle = abs(phase - Math.round(phase)) * 2 * width;
  return covered(fromMiddle - width / 2);
}

function checker(x: number, y: number, r: number): number {
  const width = 0.62 * r;
  const column = bands(x + width / 2, width);
  const row = bands(y + width / 2, width);
  return column * (1 - row) + row * (1 - column);
}

/** Shapes by class. Stripes and checker fill the picture, the others stand in it. */
export const shapes: Readonly<Record<string, Shape>> = {
  disc: (x, y, r) => covered(hypot(x, y) - r),
  ring: (x, y, r) => covered(abs(hypot(x, y) - 0.82 * r) - 0.22 * r),
  square: (x, y, r) => covered(box(x, y, 0.88 * r, 0.88 * r)),
  triangle: (x, y, r) => covered(triangle(x, y - 0.15 * r, r)),
  cross: (x, y, r) => covered(min(box(x, y, 1.05 * r, 0.34 * r), box(x, y, 0.34 * r, 1.05 * r))),
  star: (x, y, r) => covered(star(x, y, 1.2 * r)),
  heart: (x, y, r) => covered(heart(x, y, r)),
  diamond: (x, y, r) => covered(diamond(x, y, r)),
  stripes: (_x, y, r) => bands(y, 0.4 * r),
  checker,
};
