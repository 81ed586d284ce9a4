// Shows what a link leads to before it is followed: on hover, on keyboard focus, and where a finger holds it.
// Each note, linked heading or block, and work has a small file for this; a place on the same page needs none.
import { elementNamed, root } from "./page";
import { besideLink } from "./preview-place";

const HOVER = 350; // milliseconds: pointing, not passing
const FOCUS = 700;
const HOLD = 450;
const LEAVE = 250; // to move from the link into the preview
const SLIP = 10; // pixels that a finger may move while it holds

const WITHOUT = ".headerlink, .tag, .claim-verdict, .footnote-backref, [download], .wt-preview *, .wt-local *";
const ADDED = /^$|^(?:graph|tags|references)\/$|^tags\/|(?:^|\/)reading-path\/$/; // pages that no note is written for

const fetched = new Map<string, Promise<string | null>>();

/** Show previews on the present page until it is left. */
export function showPreviews(left: AbortSignal): void {
  const article = document.querySelector<HTMLElement>(".md-content__inner");
  if (article) new Previews(article, left);
}

class Previews {
  private shown: { readonly link: HTMLAnchorElement; readonly element: HTMLElement } | null = null;
  private wanted: HTMLAnchorElement | null = null;
  private timer = 0;
  private held = false;
  private from = { x: 0, y: 0 };

  constructor(
    private readonly article: HTMLElement,
    left: AbortSignal,
  ) {
    const on = { signal: left };
    document.addEventListener("pointerover", (event) => this.pointed(event), on);
    article.addEventListener("pointerdown", (event) => this.pressed(event), on);
    article.addEventListener("pointermove", (event) => this.slipped(event), on);
    for (const end of ["pointerup", "pointercancel"]) article.addEventListener(end, () => this.released(), on);
    article.addEventListener("contextmenu", (event) => this.held && event.preventDefault(), on);
    article.addEventListener("click", (event) => this.clicked(event), { ...on, capture: true });
    article.addEventListener("focusin", (event) => this.focused(event), on);
    article.addEventListener("focusout", () => this.ask(null, LEAVE), on);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.close(), on);
    document.addEventListener("pointerdown", (event) => this.pressedAnywhere(event), { ...on, capture: true });
    left.addEventListener("abort", () => this.close());
  }

  private pointed(event: PointerEvent): void {
    if (event.pointerType === "touch") return;
    const target = event.target as Element;
    if (this.shown?.element.contains(target) || target.closest("a") === this.shown?.link) this.ask(this.shown?.link ?? null, 0);
    else this.ask(linkAt(target), linkAt(target) ? HOVER : LEAVE);
  }

  private focused(event: FocusEvent): void {
    const link = linkAt(event.target as Element);
    if (link?.matches(":focus-visible")) this.ask(link, FOCUS);
    else if (this.shown?.element.contains(event.target as Node)) this.ask(this.shown.link, 0);
  }

  private pressedAnywhere(event: PointerEvent): void {
    if (!this.shown?.element.contains(event.target as Node)) this.close();
  }

  private pressed(event: PointerEvent): void {
    this.held = false;
    const link = linkAt(event.target as Element);
    if (event.pointerType !== "touch" || !link) return;
    this.from = { x: event.clientX, y: event.clientY };
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.held = true;
      void this.show(link, true);
    }, HOLD);
  }

  private slipped(event: PointerEvent): void {
    const far = Math.hypot(event.clientX - this.from.x, event.clientY - this.from.y) > SLIP;
    if (event.pointerType === "touch" && far && !this.held) clearTimeout(this.timer);
  }

  private released(): void {
    if (!this.held) clearTimeout(this.timer);
  }

  /** The click that ends a hold follows no link. */
  private clicked(event: MouseEvent): void {
    if (!this.held || this.shown?.element.contains(event.target as Node)) return;
    this.held = false;
    event.preventDefault();
  }

  private ask(link: HTMLAnchorElement | null, delay: number): void {
    if (this.held) return;
    clearTimeout(this.timer);
    this.wanted = link;
    if (link === (this.shown?.link ?? null)) return;
    this.timer = window.setTimeout(() => (link ? void this.show(link, false) : this.close()), delay);
  }

  private async show(link: HTMLAnchorElement, sheet: boolean): Promise<void> {
    this.wanted = link;
    const content = await contentOf(new URL(link.href));
    if (!content || this.wanted !== link) return;
    this.close();
    const element = frame(content, sheet ? "wt-preview wt-preview--sheet md-typeset" : "wt-preview");
    if (sheet) {
      addControls(element, link, () => this.close());
      document.body.append(element); // the article is a container, so nothing in it is fixed to the window
    } else {
      this.article.append(element);
      besideLink(element, link, this.article);
    }
    this.shown = { link, element };
    this.wanted = link;
  }

  private close(): void {
    clearTimeout(this.timer);
    this.wanted = null;
    this.shown?.element.remove();
    this.shown = null;
  }
}

function linkAt(target: Element): HTMLAnchorElement | null {
  const link = target.closest<HTMLAnchorElement>("a[href]");
  return link && !link.matches(WITHOUT) && isPreviewed(new URL(link.href)) ? link : null;
}

function isPreviewed(url: URL): boolean {
  if (isHere(url)) return url.hash.length > 1;
  const path = url.pathname.slice(root.pathname.length);
  return url.origin === root.origin && url.pathname.startsWith(root.pathname) && /\/$/.test(path) && !ADDED.test(path);
}

function isHere(url: URL): boolean {
  return url.origin === location.origin && url.pathname === location.pathname;
}

async function contentOf(url: URL): Promise<DocumentFragment | null> {
  if (isHere(url)) return copyOf(url.hash);
  const anchor = url.hash ? encodeURIComponent(decodeURIComponent(url.hash.slice(1))) : "";
  const page = new URL(url.pathname, url);
  const address = new URL(anchor ? `preview/${anchor}.html` : "preview.html", page).href;
  if (!fetched.has(address)) fetched.set(address, read(address));
  const html = await fetched.get(address);
  return html ? parsed(html, page) : null;
}

async function read(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.text() : null;
  } catch {
    fetched.delete(address); // offline now need not be offline later
    return null;
  }
}

/** Make nodes of a preview; its addresses are as from the page that it tells of. */
function parsed(html: string, page: URL): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const name of ["href", "src"]) {
    template.content.querySelectorAll(`[${name}]`).forEach((element) => {
      element.setAttribute(name, new URL(element.getAttribute(name) ?? "", page).href);
    });
  }
  return template.content;
}

/** Copy a place on this page: a footnote's words, a block, or a heading with what follows it. */
function copyOf(hash: string): DocumentFragment | null {
  const place = elementNamed(hash);
  if (!place || place.matches("section, .note-body, h1")) return null;
  const content = document.createDocumentFragment();
  const follows = /^H[2-6]$/.test(place.tagName) ? [place.nextElementSibling] : [];
  for (const element of [place, ...follows]) if (element) content.append(element.cloneNode(true));
  content.querySelectorAll(".footnote-backref, .headerlink, .claim-verdict").forEach((element) => element.remove());
  content.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  return content;
}

function frame(content: DocumentFragment, css: string): HTMLElement {
  const element = document.createElement("div");
  element.className = css;
  element.setAttribute("role", "dialog");
  const title = content.querySelector(".wt-preview__title, h2, h3, h4")?.textContent ?? "";
  element.setAttribute("aria-label", title ? `Preview: ${title}` : "Preview");
  const words = document.createElement("div");
  words.className = "wt-preview__words";
  words.append(content);
  element.append(words);
  return element;
}

function addControls(element: HTMLElement, link: HTMLAnchorElement, close: () => void): void {
  const row = document.createElement("p");
  row.className = "wt-preview__controls";
  const open = document.createElement("a");
  open.href = link.href;
  open.textContent = "Open";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Close";
  button.addEventListener("click", close);
  row.append(open, button);
  element.append(row);
}
