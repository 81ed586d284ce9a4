// The editor of a cell: CodeMirror in the site's colors. Knows nothing of kernels.
import { autocompletion, type CompletionContext, type CompletionResult, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface Actions {
  run(): void;
  runAndMoveOn(): void;
  changed(): void;
  complete(code: string, cursor: number): Promise<Record<string, unknown> | null>;
}

const color = (name: string): string => `var(--md-code-hl-${name}-color)`;

const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.self], color: color("keyword"), fontWeight: "500" },
  { tag: [tags.string, tags.special(tags.string)], color: color("string") },
  { tag: [tags.number, tags.bool, tags.null], color: color("number") },
  { tag: tags.comment, color: color("comment") },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: color("function") },
  { tag: [tags.operator, tags.punctuation, tags.bracket], color: color("operator") },
]);

/** Make an editor. Escape, then Tab, leaves it by keyboard, since Tab alone indents. */
export function makeEditor(parent: Element, code: string, label: string, actions: Actions): EditorView {
  const run = (action: () => void) => () => {
    action();
    return true;
  };
  return new EditorView({
    doc: code,
    parent,
    extensions: [
      keymap.of([
        { key: "Mod-Enter", run: run(actions.run) },
        { key: "Shift-Enter", run: run(actions.runAndMoveOn) },
        ...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab,
      ]),
      history(), indentOnInput(), bracketMatching(), indentUnit.of("    "), pythonLanguage, syntaxHighlighting(style),
      autocompletion({ override: [(context) => complete(context, actions)], activateOnTyping: false }),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-description": "Escape, then Tab, leaves the editor." }),
      EditorView.updateListener.of((update) => update.docChanged && actions.changed()),
    ],
  });
}

/** Ask the kernel, whose places count code points, where CodeMirror's count UTF-16 units. */
async function complete(context: CompletionContext, actions: Actions): Promise<CompletionResult | null> {
  const code = context.state.doc.toString();
  const reply = await actions.complete(code, [...code.slice(0, context.pos)].length);
  if (reply?.["status"] !== "ok") return null;
  const before = [...code].slice(0, reply["cursor_start"] as number).join("");
  return { from: before.length, options: (reply["matches"] as string[]).map((label) => ({ label })) };
}
