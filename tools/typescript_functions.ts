import ts from "typescript";

import { countLines, type Measured } from "./measured.ts";

/** A TypeScript file measured: which lines hold code, and each function. */
export function measureTypescript(file: string, text: string): { codeLines: Set<number>; functions: Measured[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const codeLines = codeLinesOf(source);
  const functions: Measured[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) functions.push(measure(node, source, codeLines));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { codeLines, functions };
}

function measure(node: ts.SignatureDeclaration, source: ts.SourceFile, codeLines: ReadonlySet<number>): Measured {
  const first = lineOf(source, node.getStart(source));
  return {
    name: node.name?.getText(source) ??
      (ts.isConstructorDeclaration(node) ? "constructor" : "a function without a name"),
    line: first,
    lines: countLines(codeLines, first, lineOf(source, node.end)),
    parameters: node.parameters.length,
    nesting: nestingOf(node),
  };
}

/** A comment is no token, and neither is a blank line. */
function codeLinesOf(source: ts.SourceFile): Set<number> {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    children.forEach(visit);
    if (children.length > 0 || node.getWidth(source) === 0) return;
    const last = lineOf(source, node.end);
    for (let line = lineOf(source, node.getStart(source)); line <= last; line++) lines.add(line);
  };
  visit(source);
  return lines;
}

function nestingOf(outer: ts.Node): number {
  let deepest = 0;
  const visit = (node: ts.Node, depth: number): void => {
    if (ts.isFunctionLike(node)) return; // measured for itself
    const elseIf = ts.isIfStatement(node) && ts.isIfStatement(node.parent) && node.parent.elseStatement === node;
    const inside = isControl(node) && !elseIf ? depth + 1 : depth;
    deepest = Math.max(deepest, inside);
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  ts.forEachChild(outer, (child) => visit(child, 0));
  return deepest;
}

function isControl(node: ts.Node): boolean {
  return ts.isIfStatement(node) || ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) ||
    ts.isTryStatement(node);
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}
