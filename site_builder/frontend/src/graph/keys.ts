// Where an arrow key leads from a node: to the neighbor that lies most in its direction.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Return the place in `points` of the one that lies most in a direction from a point, near rather than far; -1 if none does. */
export function towards(from: Point, direction: Point, points: readonly Point[]): number {
  let [best, least] = [-1, Infinity];
  points.forEach((point, place) => {
    const [dx, dy] = [point.x - from.x, point.y - from.y];
    const ahead = dx * direction.x + dy * direction.y;
    const aside = Math.abs(dx * direction.y) + Math.abs(dy * direction.x);
    if (ahead <= 0 || aside > 2 * ahead) return;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [place, cost];
  });
  return best;
}
