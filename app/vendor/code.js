// The text editor: CodeMirror, told by the page what words mean. The page calls `create` once and gets an
// object to talk to; everything that knows OpenQASM comes from outside as functions.
//
// Positions are UTF-16 units, as everywhere in the browser.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentLess, insertTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, foldService, indentOnInput, indentService, indentUnit } from "@codemirror/language";
import { lintGutter, nextDiagnostic, openLintPanel, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import { gotoLine, highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorSelection, EditorState, Prec, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  rectangularSelection,
  ViewPlugin,
} from "@codemirror/view";

/** The page's own colors: custom properties reach into the shadow tree. */
const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface-1)", fontSize: "13px" },
  "&.cm-focused": { outline: "none", boxShadow: "inset 2px 0 0 var(--accent)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", fontVariantLigatures: "none", overscrollBehavior: "contain" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 8px 0 6px" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--code-selection)" },
  ".cm-gutters": { backgroundColor: "var(--surface-1)", color: "var(--text-soft)", border: "0", fontSize: "12px", fontVariantNumeric: "tabular-nums" },
  ".cm-gutter-lint": { width: "12px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 2px", display: "flex", alignItems: "center", justifyContent: "center" },
  ".cm-lint-marker": { width: "8px", height: "8px", borderRadius: "50%", content: '""', backgroundColor: "var(--text-soft)" },
  ".cm-lint-marker-error": { content: '""', backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: '""', backgroundColor: "var(--warn)", borderRadius: "1px", transform: "rotate(45deg)" },
  ".cm-lint-marker-info": { content: '""' },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 2px 0 12px", minWidth: "24px" },
  ".cm-foldGutter": { width: "14px" },
  ".cm-foldGutter .cm-gutterElement": { padding: "0 1px", color: "var(--text-soft)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--surface-2)" },
  ".cm-activeLineGutter": { color: "var(--text)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)", borderRadius: "2px" },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-soft)", outline: "1px solid var(--bad)" },
  ".cm-linked": { backgroundColor: "var(--accent-soft)", boxShadow: "0 0 0 1px var(--accent)", borderRadius: "2px" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-soft)", outline: "2px solid var(--accent)" },
  ".cm-selectionMatch": { backgroundColor: "var(--surface-3)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--surface-3)", border: "1px solid var(--line)", color: "var(--text-soft)" },
  ".cm-lintRange": { backgroundImage: "none !important", paddingBottom: "0", textDecorationSkipInk: "none", textUnderlineOffset: "4px" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad) 1.2px", backgroundColor: "var(--bad-soft)" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warn) 1.2px" },
  ".cm-lintRange-info": { textDecoration: "underline dotted var(--text-soft) 1.2px" },
  ".cm-lintPoint::after": { borderBottomColor: "var(--bad)" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface-1)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "var(--radius)",
    boxShadow: "var(--shadow)", fontFamily: "var(--sans)", fontSize: "13px", overflow: "hidden", maxWidth: "min(420px, 90vw)",
  },
  ".cm-tooltip .cm-tooltip-arrow": { display: "none" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "260px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 10px", lineHeight: "20px", display: "flex", gap: "8px", alignItems: "baseline" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-text)" },
  ".cm-completionLabel": { flex: "none" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { marginLeft: "auto", paddingLeft: "16px", color: "var(--text-soft)", fontStyle: "normal", fontSize: "12px", overflow: "hidden", textOverflow: "ellipsis" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionInfo": { padding: "0", border: "1px solid var(--line)" },
  ".code-help": { padding: "8px 12px", lineHeight: "1.45" },
  ".code-help p": { margin: "2px 0" },
  ".code-help code": { fontFamily: "var(--mono)", fontSize: "13px", display: "block", whiteSpace: "pre-wrap" },
  ".code-help .signature": { color: "var(--code-gate)", fontWeight: "600" },
  ".code-help .definition": { color: "var(--text-soft)", fontSize: "12px", marginTop: "4px", borderTop: "1px solid var(--line)", paddingTop: "6px" },
  ".cm-diagnostic": { padding: "6px 12px", borderLeft: "3px solid var(--text-soft)", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-panels": { backgroundColor: "var(--surface-2)", color: "var(--text)", fontFamily: "var(--sans)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 28px 8px 8px", display: "flex", flexWrap: "wrap", gap: "6px", alignItems: "center" },
  ".cm-panel.cm-search br": { flexBasis: "100%", height: "0", content: '""', display: "block" },
  ".cm-panel.cm-search label": { fontSize: "12px", display: "inline-flex", alignItems: "center", gap: "4px" },
  ".cm-panel input[type=checkbox]": { accentColor: "var(--accent)" },
  ".cm-textfield": {
    backgroundColor: "var(--surface-1)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)",
    padding: "3px 8px", fontSize: "13px", margin: "0", minHeight: "28px", minWidth: "0",
  },
  ".cm-panel.cm-search .cm-textfield": { flex: "1 1 110px" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-button": {
    backgroundImage: "none", backgroundColor: "var(--surface-1)", color: "var(--text)", border: "1px solid var(--line)",
    borderRadius: "var(--radius-s)", padding: "3px 8px", fontSize: "12px", margin: "0", minHeight: "28px",
  },
  ".cm-button:hover": { backgroundColor: "var(--surface-3)" },
  ".cm-panel button[name=close]": { color: "var(--text-soft)", fontSize: "18px", top: "4px", right: "6px" },
  ".tok-keyword": { color: "var(--code-keyword)" },
  ".tok-type": { color: "var(--code-keyword)" },
  ".tok-gate": { color: "var(--code-gate)", fontWeight: "600" },
  ".tok-number": { color: "var(--code-number)" },
  ".tok-string": { color: "var(--code-string)" },
  ".tok-comment": { color: "var(--code-comment)", fontStyle: "italic" },
  "@media (pointer: coarse)": {
    "&": { fontSize: "14px" },
    ".cm-button, .cm-textfield": { minHeight: "44px" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "10px 12px" },
  },
});

/** Marks a change that came from the page and is known there. */
const fromPage = Annotation.define();

/** Token classes, by the number that the page gives. */
const CLASSES = ["", "tok-keyword", "tok-gate", "tok-number", "tok-string", "tok-comment", "tok-type"];
const TOKENS = CLASSES.map((name) => Decoration.mark({ class: name }));

/** Colors what is in view: `tokens(text, inComment)` gives triples of kind, start and end. */
function highlighting(host) {
  const draw = (view) => {
    const builder = new RangeSetBuilder();
    for (const { from, to } of view.visibleRanges) {
      const first = view.state.doc.lineAt(from).from;
      const text = view.state.sliceDoc(first, to);
      const tokens = host.tokens(text, host.inComment(view.state, first));
      for (let i = 0; i + 2 < tokens.length; i += 3) {
        const mark = TOKENS[tokens[i]];
        if (mark && tokens[i]) builder.add(first + tokens[i + 1], first + tokens[i + 2], mark);
      }
    }
    return builder.finish();
  };
  return ViewPlugin.fromClass(class {
    constructor(view) { this.decorations = draw(view); }
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = draw(update.view);
    }
  }, { decorations: (plugin) => plugin.decorations });
}

/** Whether each line begins inside a block comment; kept by edits, counted anew from the first changed line. */
const comments = StateField.define({
  create: (state) => scan(state.doc, [], 1),
  update(value, transaction) {
    if (!transaction.docChanged) return value;
    if (!value.any && !mentions(transaction)) return value;
    let first = Infinity;
    transaction.changes.iterChangedRanges((_a, _b, from) => { first = Math.min(first, from); });
    return scan(transaction.newDoc, value.inside, transaction.newDoc.lineAt(Math.min(first, transaction.newDoc.length)).number);
  },
});

function mentions(transaction) {
  let found = false;
  transaction.changes.iterChanges((_a, _b, from, to) => {
    const text = transaction.newDoc.sliceString(Math.max(0, from - 1), to + 1);
    found ||= text.includes("/*");
  });
  return found;
}

function scan(doc, before, first) {
  if (first === 1 && !has(doc, "/*")) return { any: false, inside: [] };
  const inside = before.slice(0, first);
  while (inside.length < first) inside.push(false);
  let open = inside[first - 1] ?? false;
  let any = inside.includes(true);
  let number = first;
  for (const line of doc.iterLines(first)) {
    inside[number - 1] = open;
    any ||= open || line.includes("/*");
    for (let at = 0; at < line.length; ) {
      if (open) {
        const end = line.indexOf("*/", at);
        if (end < 0) break;
        open = false;
        at = end + 2;
      } else {
        const start = line.indexOf("/*", at);
        const rest = line.indexOf("//", at);
        if (start < 0 || (rest >= 0 && rest < start)) break;
        open = true;
        at = start + 2;
      }
    }
    number += 1;
  }
  return { any, inside };
}

function has(doc, what) {
  for (const part of doc.iter()) if (part.includes(what)) return true;
  return false;
}

/** What stands for a gate of the picture that the cursor or the pointer is at. */
const setMarks = StateEffect.define();
const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) {
        next = Decoration.set(effect.value.map(([from, to]) => Decoration.mark({ class: "cm-linked" }).range(from, to)), true);
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A tooltip's content: a heading, a signature, a sentence. All of it text, never markup. */
function card(help) {
  const dom = document.createElement("div");
  dom.className = "code-help";
  for (const [name, text] of [["signature", help.signature], ["doc", help.doc], ["definition", help.definition]]) {
    if (!text) continue;
    const part = dom.appendChild(document.createElement(name === "doc" ? "p" : "code"));
    part.className = name;
    part.textContent = text;
  }
  return dom;
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*/u;

function wordAt(state, at) {
  const line = state.doc.lineAt(at);
  for (const match of line.text.matchAll(new RegExp(NAME, "gu"))) {
    const from = line.from + match.index;
    const to = from + match[0].length;
    if (from <= at && at <= to) return { from, to, text: match[0] };
  }
  return null;
}

/** Steps by braces: the language has no other blocks. */
function indentation(context, at) {
  const line = context.state.doc.lineAt(at);
  let before = line.number - 1;
  while (before > 0 && !context.state.doc.line(before).text.trim()) before -= 1;
  if (before === 0) return 0;
  const last = context.state.doc.line(before).text;
  const base = context.lineIndent(context.state.doc.line(before).from);
  const opens = last.replace(/\/\/.*$/, "").trimEnd().endsWith("{");
  const closes = context.textAfterPos(at).trimStart().startsWith("}");
  return Math.max(0, base + (opens ? context.unit : 0) - (closes ? context.unit : 0));
}

/** A block can be folded from its brace to the one that closes it. */
function fold(state, from, to) {
  const line = state.doc.lineAt(from);
  if (!line.text.trimEnd().endsWith("{")) return null;
  const base = line.text.match(/^\s*/)[0];
  for (let number = line.number + 1; number <= Math.min(state.doc.lines, line.number + 5000); number += 1) {
    const next = state.doc.line(number);
    if (next.text.startsWith(`${base}}`)) return { from: to, to: next.from + base.length };
  }
  return null;
}

/**
 * `root` is a shadow root: styles are adopted there, since the policy of the page lets no <style> in.
 * `host`: { tokens, complete, help, change, cursor, undo, redo, picture, label, words }.
 */
function create(root, text, host) {
  const parent = root.appendChild(document.createElement("div"));
  parent.className = "code-mirror";
  host.inComment = (state, at) => state.field(comments).inside[state.doc.lineAt(at).number - 1] ?? false;
  const phrases = new Compartment();

  const complete = (context) => {
    const word = context.matchBefore(/[\p{L}_@][\p{L}\p{N}_]*/u);
    if (!word && !context.explicit) return null;
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (/\/\/|"[^"]*$/.test(before) || host.inComment(context.state, line.from)) return null;
    // The word that is being written is among the program's names.
    const other = (option) => option.kind !== "variable" || option.label !== word?.text;
    const options = JSON.parse(host.complete()).filter(other).map((option) => ({
      label: option.label,
      type: option.kind,
      detail: option.detail,
      apply: option.apply ?? option.label,
      boost: option.boost ?? 0,
      info: option.help ? () => card(option.help) : undefined,
    }));
    return { from: word ? word.from : context.pos, options, validFor: /^[\p{L}_@][\p{L}\p{N}_]*$/u };
  };

  const help = hoverTooltip((view, at) => {
    const word = wordAt(view.state, at);
    const found = word && host.help(word.text);
    if (!found) return null;
    return { pos: word.from, end: word.to, above: true, create: () => ({ dom: card(JSON.parse(found)) }) };
  }, { hoverTime: 350 });

  // Escape, then Tab: the keys that leave. Until then Tab indents.
  let leaving = false;
  const leave = EditorView.domEventHandlers({
    keydown(event) {
      if (event.key === "Escape") leaving = true;
      else if (!["Tab", "Shift"].includes(event.key)) leaving = false;
      return false;
    },
    blur() { leaving = false; return false; },
    focus(_event, view) { host.cursor(view.state.selection.main.head, true); return false; },
  });
  const tab = (run) => (view) => (leaving ? false : run(view));

  const state = EditorState.create({
    doc: text,
    extensions: [
      theme,
      Prec.highest(keymap.of([
        // The page's history holds text and picture; the editor has none of its own.
        { key: "Mod-z", run: () => (host.undo(), true), preventDefault: true },
        { key: "Mod-Shift-z", run: () => (host.redo(), true), preventDefault: true },
        { key: "Mod-y", run: () => (host.redo(), true), preventDefault: true },
        { key: "F2", run: (view) => (host.picture(view.state.selection.main.head), true), preventDefault: true },
      ])),
      lineNumbers(),
      foldGutter(),
      lintGutter(),
      highlightSpecialChars(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      drawSelection(),
      rectangularSelection(),
      EditorState.allowMultipleSelections.of(true),
      bracketMatching(),
      closeBrackets(),
      EditorState.languageData.of(() => [{ commentTokens: { line: "//", block: { open: "/*", close: "*/" } }, closeBrackets: { brackets: ["(", "[", "{", '"'] } }]),
      indentUnit.of("  "),
      indentService.of(indentation),
      indentOnInput(),
      foldService.of(fold),
      highlightSelectionMatches(),
      search({ top: true }),
      autocompletion({ override: [complete], icons: false, closeOnBlur: true }),
      help,
      comments,
      highlighting(host),
      marks,
      leave,
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...foldKeymap,
        { key: "Mod-Shift-m", run: openLintPanel },
        { key: "F8", run: nextDiagnostic, shift: previousDiagnostic },
        { key: "Mod-g", run: gotoLine },
        { key: "Tab", run: tab(insertTab), shift: tab(indentLess) },
        ...defaultKeymap,
      ]),
      phrases.of(EditorState.phrases.of(JSON.parse(host.words()))),
      EditorView.contentAttributes.of({ "aria-label": host.label(), spellcheck: "false", autocorrect: "off", autocapitalize: "off", translate: "no" }),
      EditorView.updateListener.of((update) => {
        const own = update.transactions.every((t) => !t.annotation(fromPage));
        if (update.docChanged && own) host.change(update.state.doc.toString());
        if ((update.selectionSet || update.docChanged) && own) {
          host.cursor(update.state.selection.main.head, update.view.hasFocus);
        }
      }),
    ],
  });
  const view = new EditorView({ state, parent, root });
  const editor = {
    /** Replaces what differs; cursor and scrolling stay. */
    setText(text) {
      const old = view.state.doc.toString();
      if (old === text) return;
      let from = 0;
      const most = Math.min(old.length, text.length);
      while (from < most && old.charCodeAt(from) === text.charCodeAt(from)) from += 1;
      let end = 0;
      while (end < most - from && old.charCodeAt(old.length - 1 - end) === text.charCodeAt(text.length - 1 - end)) end += 1;
      view.dispatch({
        changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) },
        annotations: fromPage.of(true),
      });
    },
    text: () => view.state.doc.toString(),
    /** Remarks as JSON: line and column from 1, columns in characters. */
    setDiagnostics(json) {
      const doc = view.state.doc;
      const place = (line, column) => {
        const l = doc.line(Math.min(Math.max(line, 1), doc.lines));
        let at = 0;
        for (const c of l.text) {
          if (column <= 1) break;
          column -= 1;
          at += c.length;
        }
        return l.from + at;
      };
      const diagnostics = JSON.parse(json).filter((d) => d.line > 0).map((d) => {
        let from = place(d.line, d.column);
        let to = d.end_line ? place(d.end_line, d.end_column) : from;
        if (to <= from) to = Math.min(from + 1, doc.length);
        if (to <= from) from = Math.max(0, to - 1);
        return { from, to, severity: d.severity === "note" ? "info" : d.severity, message: d.help ? `${d.message}\n${d.help}` : d.message };
      });
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    /** Selects and shows a range, and takes the focus with `focus`. */
    select(from, to, focus) {
      const length = view.state.doc.length;
      from = Math.min(from, length);
      to = Math.min(to, length);
      view.dispatch({
        selection: EditorSelection.single(from, to),
        effects: EditorView.scrollIntoView(EditorSelection.range(from, to), { y: "center" }),
        annotations: fromPage.of(true),
      });
      if (focus) view.focus();
    },
    /** Line and column from 1, in characters. */
    jump(line, column) {
      const l = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      const at = l.from + [...l.text].slice(0, Math.max(0, column - 1)).join("").length;
      this.select(at, at, true);
      host.cursor(at, true);
    },
    /** Ranges that stand for what is selected in the picture. */
    setMarks(flat) {
      const length = view.state.doc.length;
      const ranges = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        if (flat[i] < flat[i + 1] && flat[i + 1] <= length) ranges.push([flat[i], flat[i + 1]]);
      }
      view.dispatch({ effects: setMarks.of(ranges) });
    },
    setWords() {
      view.dispatch({ effects: phrases.reconfigure(EditorState.phrases.of(JSON.parse(host.words()))) });
      view.contentDOM.setAttribute("aria-label", host.label());
    },
    find() { openSearchPanel(view); },
    focus() { view.focus(); },
    measure() { view.requestMeasure(); },
    destroy() { view.destroy(); },
  };
  // For scripts that drive the page.
  root.host.editor = editor;
  return editor;
}

globalThis.ketlabCode = { create };
