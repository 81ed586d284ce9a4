// Some nodes upon a veil that covers the rest: what is found, or a node with its neighbors. Its work grows with them
// alone, however large the picture under it is.
import { type Box, type Dot, drawLabels } from "./labels";
import type { Palette } from "./palette";
import { traceShape } from "./shapes";

/** A node in the picture, in pixels. */
export interface Spot extends Dot {
  readonly node: number;
  readonly shape: number;
  readonly color: string;
  readonly text: string;
}

const VEIL = 0.84; // how much of the rest is covered
const MOST_NAMED = 40;
const LEAST = 2.5; // pixels: a lit node is seen, however small it is
const WANTED = 1;

/** Draw nodes upon a veil, with lines from the one in the center, if there is one. */
export function drawLit(context: CanvasRenderingContext2D, spots: Spot[], center: number, palette: Palette, frame: Box): void {
  const [left, top, right, bottom] = frame;
  context.globalAlpha = VEIL;
  context.fillStyle = palette.paper;
  context.fillRect(left - 2, top - 2, right + 2, bottom + 2);
  const middle = spots.find(({ node }) => node === center);
  if (middle) drawLines(context, middle, spots, palette.accent);
  context.globalAlpha = 1;
  const seen = spots.filter(({ x, y }) => x > left - 99 && y > top - 99 && x < right + 99 && y < bottom + 99);
  for (const spot of seen) drawSpot(context, spot, palette);
  if (middle) outline(context, middle, palette.ink);
  seen.sort((a, b) => Number(b === middle) - Number(a === middle) || b.radius - a.radius);
  const named = seen.slice(0, MOST_NAMED).map((spot) => ({ ...spot, bold: spot === middle }));
  drawLabels(context, named, palette, frame, named);
}

/** Mark one node among the others. */
export function drawMarked(context: CanvasRenderingContext2D, spot: Spot, palette: Palette, frame: Box): void {
  drawSpot(context, spot, palette);
  outline(context, spot, palette.ink);
  drawLabels(context, [{ ...spot, bold: true }], palette, frame, []);
}

function drawLines(context: CanvasRenderingContext2D, from: Dot, to: readonly Dot[], color: string): void {
  context.globalAlpha = 0.7;
  context.strokeStyle = color;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const { x, y } of to) {
    context.moveTo(from.x, from.y);
    context.lineTo(x, y);
  }
  context.stroke();
}

function drawSpot(context: CanvasRenderingContext2D, { x, y, radius, shape, color }: Spot, { paper }: Palette): void {
  context.beginPath();
  traceShape(context, shape, x, y, Math.max(radius, LEAST));
  context.fillStyle = shape === WANTED ? paper : color;
  context.fill();
  context.lineWidth = shape === WANTED ? 1.5 : 1;
  context.strokeStyle = shape === WANTED ? color : paper;
  context.stroke();
}

function outline(context: CanvasRenderingContext2D, { x, y, radius, shape }: Spot, color: string): void {
  context.beginPath();
  traceShape(context, shape, x, y, Math.max(radius, LEAST) + 3);
  context.lineWidth = 2;
  context.strokeStyle = color;
  context.stroke();
}
