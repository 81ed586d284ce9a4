// Lists the keyboard shortcuts when ? is pressed. The shortcuts themselves are Material's, and those of the graph page.

type Shortcut = readonly [keys: readonly string[], action: string];

const SHORTCUTS: readonly Shortcut[] = [
  [["/", "s", "f"], "Search"],
  [["n", "."], "Next page"],
  [["p", ","], "Previous page"],
  [["?"], "This list"],
  [["Esc"], "Close search or this list"],
];
const IN_THE_GRAPH: readonly Shortcut[] = [
  [["←", "↑", "→", "↓"], "In the graph: to a neighbor"],
  [["Enter"], "In the graph: open the chosen node"],
  [["+", "−", "0"], "In the graph: nearer, farther, all"],
];

/** Open the list of shortcuts whenever ? is pressed outside a field. */
export function listShortcutsOnRequest(): void {
  window.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    const dialog = document.querySelector<HTMLDialogElement>(".wt-shortcuts") ?? makeDialog();
    if (!dialog.open) dialog.showModal();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function makeDialog(): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  dialog.className = "wt-shortcuts";
  dialog.setAttribute("aria-labelledby", "wt-shortcuts-title");
  const shortcuts = [...SHORTCUTS, ...(document.querySelector("wikitorch-graph") ? IN_THE_GRAPH : [])];
  const rows = shortcuts.map(([keys, action]) => `<dt>${keys.map(keyName).join(" ")}</dt><dd>${action}</dd>`);
  dialog.innerHTML = `<h2 id="wt-shortcuts-title">Keyboard shortcuts</h2><dl>${rows.join("")}</dl>
    <form method="dialog"><button autofocus>Close</button></form>`;
  document.body.append(dialog);
  return dialog;
}

function keyName(key: string): string {
  return `<kbd>${key}</kbd>`;
}
