// A YAML file, read again whenever it changes: yamlFile('secrets.yaml'). YAML's own errors quote the file, so only the place is told.
import { fileSource, SourceError } from 'hotline';
import { parseDocument } from 'yaml';

export function yamlFile(path, options) {
  const parse = (bytes, { path }) => {
    const document = parseDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const [error] = document.errors;
    if (error) {
      const { line, col } = error.linePos[0];
      throw new SourceError(
        'source_invalid',
        `${path}, line ${line}, column ${col}, is not valid YAML: ${error.code}.`,
      );
    }
    return document.toJS() ?? {}; // an empty file is a table without keys
  };
  return fileSource(path, parse, options);
}
