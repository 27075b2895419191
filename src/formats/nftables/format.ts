import { parseNftablesJson } from '../../../grammars/nftables/json-commands.ts';
import type { Source } from '../../source/source.ts';
import type { Detection, Format, Reading, ReadOptions } from '../format.ts';
import { buildFirewall } from './build-firewall.ts';
import { detectNftables } from './detect.ts';
import { Replay } from './replay.ts';
import { Reporter } from './reporter.ts';

function read(source: Source, detection: Detection, options: ReadOptions): Reading {
  const dialect = options.dialect ?? detection.dialect;
  const reporter = new Reporter();
  const replay = new Replay(source, options, reporter, dialect === 'nft-commands');
  sayLineEnds(source, reporter);
  let isListing: boolean;
  if (dialect === 'nft-json') {
    const { commands, problems, isScript } = parseNftablesJson(source.id, source.text);
    for (const { message, span } of problems) reporter.refuse(message, span);
    replay.runCommands(commands);
    isListing = !isScript;
  } else {
    replay.run({ ...source, text: withoutPrompts(source.text) });
    isListing = dialect !== 'nft-commands' && !replay.isScript;
  }
  if (!isListing && !replay.startsClean && replay.state.tables.size > 0)
    reporter.add(
      'FW1209',
      'note',
      'the script does not begin with "flush ruleset": what the kernel held before stays, and is not in this input',
    );
  const { firewall, misunderstood } = buildFirewall(replay.state, dialect, isListing, options, reporter);
  if (replay.rules === 0 && replay.state.tables.size === 0)
    reporter.add('FW1005', 'error', 'no table and no rule was found in this input');
  return {
    firewall,
    diagnostics: reporter.diagnostics,
    rules: replay.rules,
    understood: Math.max(0, replay.rules - replay.broken - misunderstood),
    families: ['ipv4', 'ipv6'],
  };
}

/** A prompt of a shell, and what was typed there. */
const prompt =
  /^(?:[$>%]|\S{0,80}@\S{0,200}[#$>%]|\[\S{1,80}@\S{1,80} [^\]\n]{0,200}\][#$])(?:[ \t]+(?:sudo[ \t]+)?(?:\/\S*\/)?nft[ \t].*|[ \t]*)$/gm;

/** What was copied from a terminal, with blanks in place of its prompts. */
function withoutPrompts(text: string): string {
  return text.replace(prompt, (line) => ' '.repeat(line.length));
}

function sayLineEnds(source: Source, reporter: Reporter): void {
  const at = source.text.indexOf('\r\n');
  if (at < 0 && source.encoding !== 'utf-8-bom') return;
  const what = at < 0 ? 'a byte order mark' : 'CRLF line ends';
  reporter.add(
    'FW1212',
    'warning',
    `the file has ${what}, which nft refuses; it is read as if there were none`,
    {
      source: source.id,
      start: Math.max(at, 0),
      end: Math.max(at, 0) + 1,
    },
  );
}

/** nftables: listings, scripts and JSON. */
export const nftablesFormat: Format = {
  name: 'nftables',
  title: 'nftables (text, scripts and JSON)',
  detect: detectNftables,
  read,
};
