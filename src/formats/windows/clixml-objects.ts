import { SaxesParser } from 'saxes';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { kindOf, type ExportedObject, type PropertyValue } from './exported-object.ts';

/** One open element of the document. */
interface Open {
  readonly tag: string;
  /** The property it holds, from its `N` attribute. */
  readonly name: string | undefined;
  readonly start: number;
  text: string;
  /** Values found inside: list elements, or the one scalar of a serialised enum. */
  readonly values: string[];
  /** What `ToString` said, if there was no scalar. */
  printed: string | undefined;
  readonly properties: Map<string, PropertyValue>;
}

const containers = new Set([
  'Obj',
  'Props',
  'MS',
  'LST',
  'STK',
  'QUE',
  'IE',
  'DCT',
  'En',
  'Objs',
  'TN',
  'TNRef',
  'Ref',
  'T',
]);

/** Objects of `Export-Clixml` (MS-PSRP 2.2.5): properties by name, lists, enums as numbers with their printed form. */
export function readClixmlObjects(source: Source, diagnostics: Diagnostic[]): readonly ExportedObject[] {
  const objects: ExportedObject[] = [];
  const stack: Open[] = [];
  const parser = new SaxesParser({ xmlns: false, position: true });
  const base = source.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let failed = false;
  let tagStart = 0;
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
  parser.on('opentag', ({ name, attributes }) => {
    stack.push({
      tag: name,
      name: (attributes as Record<string, string>)['N'],
      start: tagStart,
      text: '',
      values: [],
      printed: undefined,
      properties: new Map(),
    });
  });
  const onText = (text: string): void => {
    const open = stack.at(-1);
    if (open !== undefined && !containers.has(open.tag)) open.text += text;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const open = stack.pop();
    const parent = stack.at(-1);
    if (open === undefined || failed) return;
    const { tag } = open;
    if (tag === 'Obj') {
      if (kindOf(open.properties) !== undefined) {
        objects.push({
          span: { source: source.id, start: open.start, end: base + parser.position },
          properties: open.properties,
          needsLabel: true,
        });
      } else if (parent !== undefined) {
        const values =
          open.values.length > 0 ? open.values : open.printed === undefined ? [] : [open.printed];
        give(parent, open.name, values, open.start);
      }
      return;
    }
    if (parent === undefined) return;
    if (tag === 'Props' || tag === 'MS') {
      for (const [name, value] of open.properties)
        if (!parent.properties.has(name)) parent.properties.set(name, value);
    } else if (tag === 'LST' || tag === 'STK' || tag === 'QUE' || tag === 'IE')
      for (const value of open.values) parent.values.push(value);
    else if (tag === 'ToString') parent.printed = unescapeClixml(open.text);
    else if (tag === 'Nil') give(parent, open.name, [], open.start);
    else if (tag === 'B') give(parent, open.name, [open.text === 'true' ? 'True' : 'False'], open.start);
    else if (!containers.has(tag)) give(parent, open.name, [unescapeClixml(open.text)], open.start);
  });
  try {
    parser.write(base === 0 ? source.text : source.text.slice(1)).close();
  } catch (error) {
    if (!failed) throw error;
  }
  return objects;
}

function give(parent: Open, name: string | undefined, values: readonly string[], at: number): void {
  if (name === undefined) for (const value of values) parent.values.push(value);
  else {
    const key = name.toLowerCase();
    if (!parent.properties.has(key)) parent.properties.set(key, { values, at });
  }
}

/** `_x000A_` stands for a character that XML cannot hold (MS-PSRP 2.2.5.3.2). */
function unescapeClixml(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : text;
}
