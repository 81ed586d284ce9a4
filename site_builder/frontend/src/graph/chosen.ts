// The line that says which node is chosen, and offers its neighbors. Knows neither picture nor list.
import type { Concepts } from "./concepts";
import { button, nodeLink } from "./list";
import { MOST_STEPS } from "./state";

export interface Offers {
  address(node: number): string | null;
  /** Show the neighbors within some steps; 0 shows all nodes. */
  near(steps: number): void;
  letGo(): void;
}

/** Fill the line with a node, of which the neighbors within `steps` are shown. */
export function fillChosen(place: HTMLElement, concepts: Concepts, node: number, steps: number, offers: Offers): void {
  const title = document.createElement("strong");
  title.append(nodeLink(node, concepts, (each) => offers.address(each)));
  const said = document.createElement("span");
  said.textContent = describe(node, concepts);
  const near = document.createElement("span");
  near.role = "group";
  near.ariaLabel = "Neighbors shown";
  near.append("Only what is within ", ...stepButtons(place, steps, offers), " steps");
  place.replaceChildren(title, said, near, button("Let go", () => offers.letGo()));
}

/** Give the keyboard to the line. */
export function focusChosen(place: HTMLElement): void {
  place.querySelector<HTMLElement>("a, button")?.focus();
}

/** Say what a node is, beside its title. */
export function kindOf(node: number, concepts: Concepts): string {
  const type = concepts.type(node);
  return concepts.folder(node) || (type === "wanted" ? "not written yet" : type === "reference" ? "cited work" : type);
}

/** Say what a node is, how many neighbors it has, and where it belongs. */
export function describe(node: number, concepts: Concepts): string {
  const count = concepts.neighbors(node).length;
  const center = concepts.center(node);
  const group = center >= 0 && center !== node ? `, in the group around ${concepts.title(center)}` : "";
  return `${kindOf(node, concepts)}, ${count} ${count === 1 ? "neighbor" : "neighbors"}${group}`;
}

function stepButtons(place: HTMLElement, steps: number, offers: Offers): HTMLButtonElement[] {
  return Array.from({ length: MOST_STEPS }, (_, index) => {
    const step = index + 1;
    const made = button(String(step), () => {
      offers.near(steps === step ? 0 : step);
      place.querySelectorAll<HTMLElement>("[aria-pressed]")[index]?.focus(); // the line was made anew
    });
    made.ariaLabel = `${step} ${step === 1 ? "step" : "steps"}`;
    made.ariaPressed = String(steps === step);
    return made;
  });
}
