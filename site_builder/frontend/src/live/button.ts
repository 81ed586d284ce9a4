// A button, as every part of a live page wants one.

/** Make a button; `label` says what it does where its words alone would not. */
export function button(words: string, label: string, act: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "wt-button";
  element.textContent = words;
  if (label !== words) element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
