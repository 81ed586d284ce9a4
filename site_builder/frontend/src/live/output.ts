// What a running cell puts out, shown as a build shows it. Knows messages, and nothing of how they come.
import { markIfScrolling } from "../scrollers";
import type { Message } from "./protocol";

const MOST = 200_000; // letters of streams in one cell: more is cut, or the page would stand still
const CONTROL = /\x1b\[[0-9;?]*[A-Za-z]/g;

export class Output {
  readonly element = document.createElement("div");
  private stream: Text | null = null;
  private written = 0;
  private clearNext = false;
  private frame = 0;

  constructor(present: Element | null) {
    this.element.className = "wt-output";
    if (present) this.element.append(...present.childNodes);
    this.element.hidden = !present;
    present?.remove();
  }

  /** Take away what an earlier run left. */
  clear(): void {
    this.element.replaceChildren();
    this.element.hidden = true;
    this.stream = null;
    this.written = 0;
    this.clearNext = false;
  }

  /** Show a message if it is an output. */
  hear({ header, content }: Message): void {
    if (header.msg_type === "clear_output") {
      if (content["wait"]) this.clearNext = true;
      else this.clear();
      return;
    }
    const show = SHOW[header.msg_type];
    if (!show) return;
    if (this.clearNext) this.clear();
    if (header.msg_type === "stream") return this.write(String(content["text"]));
    const element = show(content);
    if (element) this.add(element);
  }

  /** Show a sentence about the run itself. */
  say(words: string): void {
    this.add(withText("p", "wt-notice", words));
  }

  /** Show the end of a stream: once a frame, since measuring after each of its messages would take all the time there is. */
  private follow(pre: HTMLElement | null): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (!pre) return;
      markIfScrolling(pre);
      pre.scrollTop = pre.scrollHeight;
    });
  }

  private add(element: HTMLElement): void {
    this.stream = null;
    this.element.hidden = false;
    this.element.append(element);
    markIfScrolling(element);
  }

  private write(text: string): void {
    if (this.written > MOST) return;
    if (!this.stream) {
      const pre = withText("pre", "wt-stream", "");
      this.add(pre);
      this.stream = pre.appendChild(new Text());
    }
    this.written += text.length;
    const plain = text.replace(CONTROL, "");
    if (plain.includes("\r") || this.stream.data.endsWith("\r")) this.stream.data = overwritten(this.stream.data + plain);
    else this.stream.appendData(plain);
    if (this.written > MOST) this.stream.appendData("\n… and more, which is not shown\n");
    this.follow(this.stream.parentElement);
  }
}

type Show = (content: Record<string, unknown>) => HTMLElement | null;

const SHOW: Record<string, Show | undefined> = {
  stream: () => null,
  execute_result: (content) => value(content["data"] as Record<string, string>),
  display_data: (content) => value(content["data"] as Record<string, string>),
  error: (content) => withText("pre", "wt-error", traceback(content["traceback"] as string[])),
};

function value(data: Record<string, string>): HTMLElement | null {
  const svg = data["image/svg+xml"];
  const html = data["text/html"];
  const png = data["image/png"];
  if (svg !== undefined) return withHtml("figure", "wt-picture", svg.slice(Math.max(0, svg.indexOf("<svg"))));
  if (html !== undefined) return withHtml("div", "wt-html", html);
  if (png !== undefined) return withHtml("figure", "wt-picture", `<img src="data:image/png;base64,${png}" alt="picture">`);
  return data["text/plain"] === undefined ? null : withText("pre", "wt-value", data["text/plain"].replace(CONTROL, ""));
}

/** Return a traceback's text, without IPython's colors and the rule above it. */
function traceback(lines: string[]): string {
  return lines.join("\n").replace(CONTROL, "").replace(/^-+\n/, "");
}

/** Apply carriage returns: what comes after one stands in place of its line. */
function overwritten(text: string): string {
  return text.replace(/\r+\n/g, "\n").replace(/[^\n]*\r(?=[^\r\n])/g, "");
}

function withText(tag: string, name: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function withHtml(tag: string, name: string, html: string): HTMLElement {
  const element = withText(tag, name, "");
  element.innerHTML = html;
  return element;
}
