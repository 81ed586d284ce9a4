// Names beside nodes, none upon another: the largest first, each where there is room for it.

import type { Palette } from "./palette";

/** A node in the picture, in pixels. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Label extends Dot {
  readonly text: string;
  readonly bold?: boolean;
}

/** In pixels. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

const LONGEST = 34; // characters
const [SIZE, GAP] = [13, 4];

/**
 * Draw labels within a frame: off all nodes where that can be, else off those as large as their own. Those for which
 * there is no room are left out.
 */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: readonly Label[],
  { ink, paper, family }: Palette,
  frame: Box,
  dots: readonly Dot[],
): void {
  const taken: Box[] = [];
  const boxes = dots.map((dot) => ({ box: around(dot), radius: dot.radius }));
  context.fillStyle = ink;
  context.strokeStyle = paper;
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.textBaseline = "middle";
  for (const label of labels) {
    const text = shorten(label.text);
    context.font = `${label.bold ? 650 : 450} ${SIZE}px ${family}`;
    const free = places(label, context.measureText(text).width).filter(
      (place) => within(place, frame) && !taken.some((other) => meet(place, other)),
    );
    const off = (least: number): Box | undefined =>
      free.find((place) => !boxes.some(({ box, radius }) => radius >= least && meet(place, box)));
    const place = off(0) ?? off(label.radius);
    if (!place) continue;
    taken.push(place);
    context.strokeText(text, place[0] + 1, (place[1] + place[3]) / 2);
    context.fillText(text, place[0] + 1, (place[1] + place[3]) / 2);
  }
}

/** Return where a label may stand: right of its node, left, below, above. */
function places({ x, y, radius }: Label, width: number): Box[] {
  const [w, h] = [width + 2, SIZE + 4];
  const away = radius + GAP;
  const corners = [
    [x + away, y - h / 2],
    [x - away - w, y - h / 2],
    [x - w / 2, y + away - 1],
    [x - w / 2, y - away - h + 1],
  ] as const;
  return corners.map(([left, top]) => [left, top, left + w, top + h] as const);
}

function meet(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function around({ x, y, radius }: Dot): Box {
  return [x - radius, y - radius, x + radius, y + radius];
}

function within(a: Box, b: Box): boolean {
  return a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];
}

export function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join("").trimEnd()}…`;
}
