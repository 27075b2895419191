/** Where a file shows that it is a template: its rules exist only once a tool has filled it in. */
export interface TemplateSign {
  readonly language: 'Jinja' | 'ERB' | 'Go template';
  /** Offset of the first tag; 0 where only the name tells. */
  readonly offset: number;
}

const endings: readonly (readonly [RegExp, TemplateSign['language']])[] = [
  [/\.(j2|jinja|jinja2)$/i, 'Jinja'],
  [/\.(erb|epp)$/i, 'ERB'],
  [/\.(tmpl|tpl|gotmpl)$/i, 'Go template'],
];

/**
 * Is this a template rather than rules? Its name says so, or a control tag (`{% if … %}`, `<% … %>`) stands outside a comment line.
 * `{{ … }}` alone is no sign: comments of real rules hold such texts.
 */
export function templateSign(path: string, text: string): TemplateSign | undefined {
  const named = endings.find(([ending]) => ending.test(path))?.[1];
  const jinja = firstTag(text, '{%', '%}');
  const erb = firstTag(text, '<%', '%>');
  if (named !== undefined) return { language: named, offset: Math.max(0, jinja, erb, text.indexOf('{{')) };
  if (jinja >= 0) return { language: 'Jinja', offset: jinja };
  return erb >= 0 ? { language: 'ERB', offset: erb } : undefined;
}

/** Offset of the first tag that opens and closes on a line that is no comment; -1 if there is none. */
function firstTag(text: string, open: string, close: string): number {
  for (let at = text.indexOf(open); at >= 0;) {
    const start = text.lastIndexOf('\n', at) + 1;
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (!/^\s*#/.test(line) && line.includes(close, at - start)) return at;
    // No later tag of this line can do better: look on from its end.
    at = text.indexOf(open, end);
  }
  return -1;
}
