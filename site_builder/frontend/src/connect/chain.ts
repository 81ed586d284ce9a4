// The shortest chain of links between two concepts: site_builder/analysis/paths.py says the same.

export interface Node {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly url: string;
}

export interface Edge {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly context: string;
}

/** One link of a chain, from one concept to the next; `edge` may point either way. */
export interface Step {
  readonly source: Node;
  readonly target: Node;
  readonly edge: Edge;
}

const CONCEPTS = new Set(["note", "wanted"]);

/** The concepts of a site, and what joins them. */
export class Concepts {
  readonly all: readonly Node[];
  private readonly nodes: ReadonlyMap<string, Node>;
  private readonly outgoing = new Map<string, Edge[]>();
  private readonly incoming = new Map<string, Edge[]>();

  constructor(graph: { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] }) {
    this.nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.all = graph.nodes.filter((node) => CONCEPTS.has(node.type));
    for (const edge of graph.edges) {
      push(this.outgoing, edge.source, edge);
      push(this.incoming, edge.target, edge);
    }
  }

  /** Return the concept that a reader means, by its title in any case; null when none has it. */
  named(title: string): Node | null {
    const key = title.trim().toLowerCase();
    return this.all.find((node) => node.title === title.trim()) ?? this.all.find((node) => node.title.toLowerCase() === key) ?? null;
  }

  /** Return the shortest chain between two concepts over links in either direction; null when there is none. */
  chain(start: Node, goal: Node): Step[] | null {
    const cameFrom = new Map([[start.id, ""]]);
    let frontier = [start.id];
    while (frontier.length > 0 && !cameFrom.has(goal.id)) {
      const reached: string[] = [];
      for (const node of frontier) {
        for (const neighbor of this.neighbors(node)) {
          if (cameFrom.has(neighbor)) continue;
          cameFrom.set(neighbor, node);
          reached.push(neighbor);
        }
      }
      frontier = reached;
    }
    return cameFrom.has(goal.id) ? this.steps(goal.id, cameFrom) : null;
  }

  private *neighbors(node: string): Generator<string> {
    for (const { target } of this.outgoing.get(node) ?? []) if (this.isConcept(target)) yield target;
    for (const { source } of this.incoming.get(node) ?? []) if (this.isConcept(source)) yield source;
  }

  private isConcept(node: string): boolean {
    return CONCEPTS.has(this.nodes.get(node)?.type ?? "");
  }

  private steps(goal: string, cameFrom: ReadonlyMap<string, string>): Step[] {
    const steps: Step[] = [];
    for (let node = goal, before = cameFrom.get(goal); before; node = before, before = cameFrom.get(node)) {
      const [source, target, edge] = [this.nodes.get(before), this.nodes.get(node), this.bestEdge(before, node)];
      if (source && target && edge) steps.unshift({ source, target, edge });
    }
    return steps;
  }

  /** Of the edges between two nodes, prefer one that a sentence says, then one that points ahead, then the first. */
  private bestEdge(source: string, target: string): Edge | undefined {
    const ahead = (this.outgoing.get(source) ?? []).filter((edge) => edge.target === target);
    const back = (this.incoming.get(source) ?? []).filter((edge) => edge.source === target);
    const cost = (edge: Edge): number => (edge.context ? 0 : 2) + (edge.source === source ? 0 : 1);
    return [...ahead, ...back].sort((a, b) => cost(a) - cost(b))[0];
  }
}

function push(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const present = map.get(key);
  if (present) present.push(edge);
  else map.set(key, [edge]);
}
