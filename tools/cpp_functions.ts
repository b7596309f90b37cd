import { countLines, type Measured } from "./measured.ts";

/** A C++ file measured by its braces, as clang-format leaves them: which lines hold code, and each function. */
export function measureCpp(text: string): { codeLines: Set<number>; functions: Measured[] } {
  const bare = withoutComments(text);
  const codeLines = new Set<number>();
  bare.split("\n").forEach((line, index) => {
    if (line.trim() !== "") codeLines.add(index + 1);
  });
  return { codeLines, functions: scan(bare.replaceAll(/^#.*$|^\s*(?:public|private|protected):/gm, ""), codeLines) };
}

const NOT_CODE = /\/\/.*|\/\*[^]*?\*\/|R"\(([^]*?)\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'/g;

/** Comments become blank and literals "", line by line as they stood. */
function withoutComments(text: string): string {
  return text.replaceAll(NOT_CODE, (found) => (found.startsWith("/") ? "" : '""') + found.replaceAll(/[^\n]/g, ""));
}

interface Block {
  kind: "scope" | "function" | "control" | "other";
  head: string;
  line: number;
}

function scan(bare: string, codeLines: ReadonlySet<number>): Measured[] {
  const functions: Measured[] = [];
  const open: Block[] = [];
  let nesting = 0;
  let head = "";
  let line = 1;
  for (const character of bare) {
    if (character === "\n") line++;
    if (character === "{") {
      open.push(blockOf(head, line, open));
      nesting = Math.max(nesting, open.filter((block) => block.kind === "control").length);
    } else if (character === "}") {
      const closed = open.pop();
      if (closed?.kind === "function") {
        const lines = countLines(codeLines, closed.line, line);
        functions.push({ ...signatureOf(closed.head), line: closed.line, lines, nesting });
        nesting = 0;
      }
    }
    const ended = "{}".includes(character) || (character === ";" && !hasOpenParenthesis(head));
    head = ended ? "" : head + character;
  }
  return functions;
}

const CONTROL = /^\s*(?:else|do|try)\b|\b(?:if|for|while|switch|catch)\s*(?:constexpr\s*)?\(/;
const SCOPE = /^\s*(?:template\s*<.*>\s*)?(?:typedef |inline )?(?:namespace|struct|class|union|enum|extern)\b/s;

/** What the text before a brace opens. Braces inside a function that control nothing are lambdas or initial values. */
function blockOf(head: string, line: number, open: Block[]): Block {
  const block = (kind: Block["kind"]): Block => ({ kind, head, line: line - head.trimStart().split("\n").length + 1 });
  if (open.some((outer) => outer.kind === "function")) return block(CONTROL.test(head) ? "control" : "other");
  if (SCOPE.test(head)) return block("scope");
  return block(head.includes("(") && open.every((outer) => outer.kind === "scope") ? "function" : "other");
}

function signatureOf(head: string): { name: string; parameters: number } {
  const found = head.match(/([\w:~]+|operator\s*\S+?)\s*\(([^]*)$/);
  const parameters = upToClosing(found?.[2] ?? "");
  return { name: found?.[1] ?? "a function", parameters: parameters.trim() === "" ? 0 : commasOutside(parameters) + 1 };
}

function hasOpenParenthesis(head: string): boolean {
  return head.split("(").length > head.split(")").length;
}

function upToClosing(text: string): string {
  let depth = 1;
  const end = [...text].findIndex((character) => {
    if (character === "(") depth++;
    if (character === ")") depth--;
    return depth === 0;
  });
  return end < 0 ? text : text.slice(0, end);
}

/** Commas between parameters, not those inside the arguments of a template or of a call. */
function commasOutside(parameters: string): number {
  let depth = 0;
  let commas = 0;
  for (const character of parameters) {
    if ("(<[".includes(character)) depth++;
    if (")>]".includes(character)) depth--;
    if (character === "," && depth === 0) commas++;
  }
  return commas;
}
