// Runs the site's scripts on each page: once where pages are loaded whole, again after each of Material's instant
// navigations. Knows nothing of what the scripts do.

interface PageStream {
  subscribe(next: () => void): unknown;
}

declare global {
  interface Window {
    document$?: PageStream;
  }
}

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

/** The address of the site's front page. */
export const root = new URL("../../", script);

/** Call `start` on every page shown; its signal is aborted when the page is left. */
export function onEachPage(start: (left: AbortSignal) => void): void {
  let current = new AbortController();
  const next = (): void => {
    current.abort();
    current = new AbortController();
    start(current.signal);
  };
  if (window.document$) window.document$.subscribe(next);
  else next();
}

/** Call `update` in the next frame, and in one frame at most however often it is asked for. */
export function oncePerFrame(update: () => void, left: AbortSignal): () => void {
  let asked = 0;
  left.addEventListener("abort", () => cancelAnimationFrame(asked));
  return () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(update);
  };
}

/** Call `update` now and whenever the size of `element` changes: a fold opened, a font or picture came, the window turned. */
export function onResize(element: Element, update: () => void, left: AbortSignal): void {
  const observer = new ResizeObserver(oncePerFrame(update, left));
  observer.observe(element);
  left.addEventListener("abort", () => observer.disconnect());
  update();
}

/** Return the element that an address's fragment names, as written or percent-encoded, or null. */
export function elementNamed(fragment: string): HTMLElement | null {
  const written = fragment.slice(1);
  return document.getElementById(written) ?? document.getElementById(decoded(written));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is no encoding
  }
}
