// A JSON5 file (comments, commas at the end, names without quotes), read again whenever it changes: json5File('secrets.json5').
import { fileSource, SourceError } from 'hotline';
import JSON5 from 'json5';

export function json5File(path, options) {
  const parse = (bytes, { path }) => {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() === '') return {};
    try {
      return JSON5.parse(text);
    } catch ({ lineNumber, columnNumber }) {
      throw new SourceError(
        'source_invalid',
        `${path}, line ${lineNumber}, column ${columnNumber}, is not valid JSON5.`,
      );
    }
  };
  return fileSource(path, parse, options);
}
