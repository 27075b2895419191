/** As `JSON.stringify(value, null, 2)` writes it, list by list: with many rows it is longer than a string can be. */
export function* jsonPieces(value: object): Generator<string> {
  let before = '{\n';
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    if (member === undefined) continue;
    if (!Array.isArray(member) || member.length === 0) {
      yield `${before}${inObject(key, member)}`;
    } else {
      let beforeItem = `${before}  ${JSON.stringify(key)}: [\n`;
      for (const item of member as unknown[]) {
        yield `${beforeItem}${inList(item)}`;
        beforeItem = ',\n';
      }
      yield '\n  ]';
    }
    before = ',\n';
  }
  yield '\n}\n';
}

function inObject(key: string, value: unknown): string {
  return JSON.stringify({ [key]: value }, null, 2).slice('{\n'.length, -'\n}'.length);
}

/** An item of such a list, indented. */
function inList(item: unknown): string {
  return JSON.stringify({ l: [item] }, null, 2).slice('{\n  "l": [\n'.length, -'\n  ]\n}'.length);
}
