// Draws the mermaid diagrams of a page in the site's colours, and again when the reader turns light to dark. Loaded only by
// pages that have one; mermaid itself, and of it only what a diagram needs, after that. Knows nothing of notes.
import type { MermaidConfig } from "mermaid";
import { onEachPage } from "./page";

interface Diagram {
  readonly place: HTMLElement;
  readonly source: string;
}

onEachPage((left) => {
  const diagrams = [...document.querySelectorAll<HTMLElement>(".diagram")].map((place) => ({
    place,
    source: place.querySelector("code")?.textContent ?? "",
  }));
  if (diagrams.length === 0) return;
  void drawAll(diagrams);
  const observer = new MutationObserver(() => void drawAll(diagrams));
  observer.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  left.addEventListener("abort", () => observer.disconnect());
});

let drawing: Promise<void> = Promise.resolve();

/** Draw one after another: mermaid keeps one configuration for all. */
function drawAll(diagrams: readonly Diagram[]): Promise<void> {
  drawing = drawing.then(async () => {
    const { default: mermaid } = await import("mermaid");
    await document.fonts.ready;
    mermaid.initialize(configuration());
    for (const [index, diagram] of diagrams.entries()) {
      try {
        const { svg, bindFunctions } = await mermaid.render(`diagram-${index}`, diagram.source);
        show(diagram, svg);
        bindFunctions?.(diagram.place);
      } catch (error) {
        fail(diagram, error instanceof Error ? error.message : String(error));
      }
    }
  });
  return drawing;
}

function show({ place }: Diagram, svg: string): void {
  const picture = document.createElement("div");
  picture.className = "diagram-picture";
  picture.innerHTML = svg;
  const drawn = picture.querySelector("svg");
  const named = drawn?.querySelector(":scope > title");
  drawn?.setAttribute("role", "img");
  // Below this a diagram would be too small to read; its own frame scrolls instead.
  if (drawn) drawn.style.minWidth = `${0.6 * drawn.viewBox.baseVal.width}px`;
  if (!named) drawn?.setAttribute("aria-label", "Diagram; its text follows");
  place.querySelector(".diagram-picture")?.remove();
  const details = place.querySelector("details");
  details?.before(picture);
  if (place.dataset["state"] !== "drawn") details?.removeAttribute("open");
  place.dataset["state"] = "drawn";
}

function fail({ place }: Diagram, message: string): void {
  place.querySelector(".diagram-picture, .diagram-fault")?.remove();
  const said = document.createElement("p");
  said.className = "diagram-fault";
  said.textContent = `This diagram cannot be drawn: ${message.split("\n")[0] ?? ""}`;
  place.prepend(said);
  place.dataset["state"] = "failed";
  place.querySelector("details")?.setAttribute("open", "");
}

function configuration(): MermaidConfig {
  const style = getComputedStyle(document.body);
  const color = (name: string): string => style.getPropertyValue(`--wt-${name}`).trim();
  return {
    startOnLoad: false,
    suppressErrorRendering: true,
    securityLevel: "strict",
    theme: "base",
    fontFamily: color("font-ui"),
    deterministicIds: true,
    deterministicIDSeed: "diagram",
    themeVariables: {
      darkMode: document.body.dataset["mdColorScheme"] === "slate",
      background: color("paper"),
      primaryColor: color("sunk"),
      primaryTextColor: color("ink"),
      primaryBorderColor: color("ink-soft"),
      secondaryColor: color("seq-1"),
      tertiaryColor: color("paper"),
      lineColor: color("ink-soft"),
      textColor: color("ink"),
      noteBkgColor: color("mark"),
      noteTextColor: color("ink"),
      noteBorderColor: color("rule"),
      edgeLabelBackground: color("paper"),
      fontFamily: color("font-ui"),
      fontSize: "15px",
    },
  };
}
