import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** One `import`, `export … from`, `import()`, `import('…')` type or `require()` of a file. */
export interface Import {
  readonly specifier: string;
  /** It is gone at run time. */
  readonly typeOnly: boolean;
  /** `export * from …`. */
  readonly star?: boolean;
  /** It happens when the code runs, not when the file is loaded. */
  readonly lazy: boolean;
}

export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

export function descendants(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

export function importsOf(source: ts.SourceFile): Import[] {
  return descendants(source).flatMap((node): Import[] => {
    if (ts.isImportDeclaration(node)) return one(node.moduleSpecifier, { typeOnly: isTypeImport(node), lazy: false });
    if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      return one(node.moduleSpecifier, { typeOnly: isTypeExport(node), star: !node.exportClause, lazy: false });
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      return one(node.argument.literal, { typeOnly: true, lazy: true });
    if (ts.isCallExpression(node) && loads(node.expression))
      return one(node.arguments[0], { typeOnly: false, lazy: true });
    return [];
  });
}

/** Whether anything of the file is left when the types are taken away; a file of re-exports has nothing of its own. */
export function hasBehaviour(source: ts.SourceFile): boolean {
  return source.statements.some(
    (statement) =>
      !ts.isImportDeclaration(statement) &&
      !ts.isExportDeclaration(statement) &&
      !ts.isInterfaceDeclaration(statement) &&
      !ts.isTypeAliasDeclaration(statement),
  );
}

function one(specifier: ts.Node | undefined, how: Omit<Import, 'specifier'>): Import[] {
  return specifier && ts.isStringLiteralLike(specifier) ? [{ specifier: specifier.text, ...how }] : [];
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  if (!exportClause || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly);
}

function loads(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}
