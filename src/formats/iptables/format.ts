import type { Family } from '../../packets/fields.ts';
import type { Source } from '../../source/source.ts';
import type { Detection, Format, Reading, ReadOptions } from '../format.ts';
import { buildFirewall, coveredFamilies } from './build-firewall.ts';
import { detectIptables } from './detect.ts';
import { SaveReader } from './read-save.ts';
import { Reporter } from './reporter.ts';
import { Ruleset } from './ruleset.ts';

function read(source: Source, detection: Detection, options: ReadOptions): Reading {
  const ruleset = new Ruleset();
  const reporter = new Reporter(source);
  if (source.text.includes('\r\n'))
    reporter.add({
      code: 'FW1109',
      severity: 'warning',
      message:
        'the file has CRLF line ends, which iptables-restore refuses; it is read as if they were plain',
    });
  const reader = new SaveReader(source, ruleset, reporter, options, () => undefined);
  reader.read(0, source.text.length, assumedFamily(source, options));
  if (reader.runner.rules === 0 && ruleset.tables.size === 0)
    reporter.add({ code: 'FW1005', severity: 'error', message: 'no rule was found in this input' });
  return {
    firewall: buildFirewall(options.dialect ?? detection.dialect, ruleset, new Map(), [
      ...reader.assumptions,
    ]),
    diagnostics: reporter.diagnostics,
    rules: reader.runner.rules,
    understood: reader.runner.understood,
    families: coveredFamilies(ruleset),
  };
}

/** The family of an export that does not tell: the dialect the user named, or the file's usual name (`rules.v6`). */
function assumedFamily(source: Source, options: ReadOptions): Family | undefined {
  if (options.dialect?.startsWith('ip6') === true) return 'ipv6';
  if (options.dialect?.startsWith('iptables') === true) return 'ipv4';
  const name = source.path.slice(source.path.lastIndexOf('/') + 1);
  if (/v6\b|ip6/i.test(name)) return 'ipv6';
  return /v4\b/i.test(name) ? 'ipv4' : undefined;
}

/** iptables and ip6tables in every form they are exported in, and the ipsets beside them. */
export const iptablesFormat: Format = {
  name: 'iptables',
  title: 'iptables, ip6tables and ipset',
  detect: detectIptables,
  read,
};
