/** Lines of a configuration file that a program runs as commands. */
interface CommandLines {
  /** The first line of such a file that is no comment. */
  readonly first: RegExp;
  /** Tells that a text is such a file. */
  readonly sign: RegExp;
  /** What stands before the command; its group `command` is the command itself. */
  readonly line: RegExp;
}

const kinds: readonly CommandLines[] = [
  // wg-quick(8)
  {
    first: /^[ \t]*\[/,
    sign: /^[ \t]*\[Interface\]/im,
    line: /^[ \t]*(?:PreUp|PostUp)[ \t]*=[ \t]*(?<command>.*)$/i,
  },
  // systemd.service(5)
  {
    first: /^[ \t]*\[/,
    sign: /^\[Service\]/m,
    line: /^[ \t]*Exec(?:Start|StartPre|StartPost)[ \t]*=[ \t]*[-@:+!|]*(?<command>.*)$/,
  },
  // interfaces(5)
  {
    first: /^[ \t]*(?:iface|auto|allow-\w+|source|source-directory|mapping)[ \t]/,
    sign: /^[ \t]*(?:iface|auto|allow-\w+)[ \t]+\S/m,
    line: /^[ \t]*(?:pre-up|up|post-up)[ \t]+(?<command>.*)$/,
  },
];

/** runcmd and bootcmd of cloud-init: what stands below them. */
const cloudConfig = /^(?:runcmd|bootcmd)[ \t]*:[ \t]*\r?$/;

/** Whether lines of a configuration file call a packet filter. */
export function holdsCommandLines(text: string): boolean {
  const code = commandLinesOf(text);
  return (
    code !== undefined &&
    /(?:^|[\s;&|(/"'])(?:ip6?tables(?:-legacy|-nft)?(?:-restore)?|nft)\s+(?:-|["']?(?:add|insert|create|flush|delete)\b)/.test(
      code,
    )
  );
}

/** The commands in a configuration file, each where it stands, and blanks in place of everything else; undefined for any other text. */
export function commandLinesOf(text: string): string | undefined {
  // A script may hold such files, which it writes somewhere.
  if (text.startsWith('#!')) return undefined;
  const [first = ''] = /^(?![ \t]*(?:[#;]|\r?$)).*$/m.exec(text) ?? [];
  if (/^[\w-]+[ \t]*:/.test(first) && /^(?:runcmd|bootcmd)[ \t]*:[ \t]*\r?$/m.test(text))
    return cloudInit(text);
  const kind = kinds.find(
    ({ first: begins, sign, line }) =>
      begins.test(first) && sign.test(text) && text.split('\n').some((each) => line.test(each)),
  );
  if (kind === undefined) return undefined;
  let continued = false;
  return text
    .split('\n')
    .map((line) => {
      const command = continued ? line : kind.line.exec(line)?.groups?.['command'];
      continued = command !== undefined && /\\\r?$/.test(command);
      return command === undefined
        ? blank(line)
        : blank(line.slice(0, line.length - command.length)) + command;
    })
    .join('\n')
    .replaceAll('%i', '$i');
}

function blank(text: string): string {
  return text.replace(/[^\r]/g, ' ');
}

function cloudInit(text: string): string {
  let inside = false;
  /** How far the lines of a block (`- |`) are indented at least. */
  let block: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
      if (cloudConfig.test(line)) inside = true;
      else if (/^[A-Za-z_]/.test(line)) inside = false;
      if (!inside || cloudConfig.test(line)) return blank(line);
      if (block !== undefined && (line.trim() === '' || indent >= block)) return line;
      block = undefined;
      const item = /^[ \t]*-[ \t]+/.exec(line)?.[0];
      if (item === undefined) return blank(line);
      const value = line.slice(item.length);
      if (/^[|>][-+\d]*[ \t]*$/.test(value)) {
        block = indent + 1;
        return blank(line);
      }
      return ' '.repeat(item.length) + itemOf(value);
    })
    .join('\n');
}

/** A list (`[ iptables, -A, INPUT ]`) or a text, quoted or not, as a command of the same length. */
function itemOf(value: string): string {
  const list = /^\[(.*)\][ \t]*$/.exec(value);
  if (list !== null)
    return ` ${(list[1] ?? '').replace(/,(?=[ \t]|$|["'])/g, ' ').replace(/(["']),/g, '$1 ')} `;
  const quoted = /^(["'])(.*)\1[ \t]*$/.exec(value);
  return quoted === null || /\\/.test(value)
    ? value
    : ` ${quoted[2] ?? ''}${' '.repeat(value.length - (quoted[2] ?? '').length - 1)}`;
}
