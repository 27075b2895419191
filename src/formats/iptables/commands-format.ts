import type { LineGrammar } from '../../../grammars/iptables/restore-parser.ts';
import type { Format } from '../format.ts';
import { detectIptables } from './detect.ts';
import { readExport } from './read-export.ts';

function notLoaded(): never {
  throw new Error('an input with other parts than iptables commands was read without their readers');
}

/** iptables for inputs that hold commands only, as iptables-save and `iptables -S` print them; see `loadIptables`. */
export function commandsFormat(line: LineGrammar): Format {
  return {
    name: 'iptables',
    title: 'iptables, ip6tables and ipset',
    detect: detectIptables,
    read: (source, detection, options) =>
      readExport(source, detection, options, { line, script: notLoaded, segment: notLoaded }),
  };
}

/** The same for inputs whose every line is plain (`isPlain`). */
export const plainCommandsFormat: Format = commandsFormat(notLoaded);
