// Opens what is folded when the reader asks for something inside it: by an address, or by printing.
import { elementNamed } from "./page";

/** Open every fold around the element that the address names, and whatever folds when the page is printed. */
export function openFolds(left: AbortSignal): void {
  showTarget();
  window.addEventListener("hashchange", showTarget, { signal: left });
  window.addEventListener("beforeprint", openAll, { signal: left });
  window.addEventListener("afterprint", closeAgain, { signal: left });
}

function showTarget(): void {
  const target = elementNamed(location.hash);
  const closed: HTMLDetailsElement[] = [];
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement?.closest("details")) {
    if (!fold.open) closed.push(fold);
  }
  if (closed.length === 0) return;
  closed.forEach((fold) => (fold.open = true));
  target?.scrollIntoView();
}

function openAll(): void {
  document.querySelectorAll<HTMLDetailsElement>(".md-content details:not([open])").forEach((fold) => {
    fold.open = true;
    fold.dataset["openedForPrint"] = "";
  });
}

function closeAgain(): void {
  document.querySelectorAll<HTMLDetailsElement>("details[data-opened-for-print]").forEach((fold) => {
    fold.open = false;
    delete fold.dataset["openedForPrint"];
  });
}
