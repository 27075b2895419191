import { SaxesParser } from 'saxes';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';

/** An XML element without its prefix, with its text and children. */
export interface XmlElement {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  readonly start: number;
  text: string;
  readonly children: XmlElement[];
}

const deepest = 64;

/** Visits each element named `wanted` (in lower case) once it is complete. Entities are not expanded; a broken end is reported. */
export function visitXml(
  source: Source,
  wanted: ReadonlySet<string>,
  visit: (element: XmlElement, parents: readonly string[]) => void,
  diagnostics: Diagnostic[],
): void {
  const stack: OpenElement[] = [];
  const parser = new SaxesParser({ xmlns: false, position: true });
  const base = source.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let failed = false;
  let tagStart = 0;
  // Children are kept only inside a wanted element.
  let inside = 0;
  parser.on('error', (error) => {
    if (failed) return;
    failed = true;
    diagnostics.push({
      code: 'FW1408',
      severity: 'error',
      message: `the XML ends in the middle or is broken: ${error.message}`,
      span: { source: source.id, start: base + parser.position, end: base + parser.position },
      help: 'Export again; what follows was not read.',
    });
  });
  parser.on('opentagstart', ({ name }) => {
    tagStart = source.text.lastIndexOf(`<${name}`, base + parser.position);
  });
  parser.on('opentag', ({ name }) => {
    const local = name.slice(name.indexOf(':') + 1).toLowerCase();
    if (wanted.has(local)) inside++;
    stack.push({ name: local, start: tagStart, text: '', children: [] });
  });
  const onText = (text: string): void => {
    const open = stack.at(-1);
    if (open !== undefined && inside > 0) open.text += text;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const open = stack.pop();
    if (open === undefined || failed) return;
    const element: XmlElement = { ...open, end: base + parser.position };
    if (wanted.has(open.name)) {
      inside--;
      visit(
        element,
        stack.map(({ name }) => name),
      );
    }
    if (inside > 0 && stack.length < deepest) stack.at(-1)?.children.push(element);
  });
  parser.write(base === 0 ? source.text : source.text.slice(1)).close();
}

export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text.trim();
}
