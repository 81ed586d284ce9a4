// The colors of the picture, as the style sheet has them now: they change when a reader turns light to dark.

export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly accent: string;
  readonly family: string;
  /** A color for each of the communities' numbers. */
  readonly groups: readonly string[];
}

const GROUPS = 10;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(`--wt-${name}`).trim();
  return {
    paper: color("paper"),
    ink: color("ink"),
    soft: color("ink-soft"),
    accent: color("accent"),
    family: style.fontFamily,
    groups: Array.from({ length: GROUPS }, (_, number) => color(`group-${number}`)),
  };
}

/** Return the channels of `#rrggbb`, from 0 to 1. */
export function channels(color: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  return [r ?? 0, g ?? 0, b ?? 0];
}

/** Return a color of `#rrggbb` that covers a part of what is under it, as sigma blends it: multiplied by that part. */
export function sheer(color: string, part: number): string {
  const [r, g, b] = channels(color).map((value) => Math.round(255 * value * part));
  return `rgba(${r}, ${g}, ${b}, ${part})`;
}
