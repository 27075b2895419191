import type { LineGrammar } from '../../../grammars/iptables/restore-parser.ts';
import type { Family } from '../../packets/fields.ts';
import type { Source } from '../../source/source.ts';
import type { Detection, Reading, ReadOptions } from '../format.ts';
import type { Passage } from '../passage.ts';
import { buildFirewall, coveredFamilies } from './build-firewall.ts';
import { SaveReader } from './read-save.ts';
import { readRules } from './read-rules.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { lookupService } from './service-ports.ts';
import { Workbench } from './workbench.ts';

/** What reads the parts of an input that are not plain lines of iptables-save or `iptables -S`. */
export interface OtherReaders {
  readonly line: LineGrammar;
  /** The whole input is a shell script. */
  readonly script: (bench: Workbench, saves: SaveReader) => void;
  readonly segment: (bench: Workbench, segment: OtherSegment, assumed: Family | undefined) => void;
}

/** A part that takes a reader of its own. */
export type OtherSegment = Segment & { readonly kind: 'listing' | 'ipset-save' | 'ipset-list' };

/** From the text of an input to the firewall it loads. */
export function readExport(
  source: Source,
  detection: Detection,
  options: ReadOptions,
  others: OtherReaders,
): Reading {
  const bench = new Workbench(source, options, lookupService, others.line);
  const { reporter, ruleset, runner } = bench;
  if (source.text.includes('\r\n'))
    reporter.add({
      code: 'FW1109',
      severity: 'warning',
      message:
        'the file has CRLF line ends, which iptables-restore refuses; it is read as if they were plain',
    });
  const assumed = assumedFamily(source, options);
  const saves = new SaveReader(bench);
  if ((options.dialect ?? detection.dialect) === 'iptables-script') others.script(bench, saves);
  else readSegments(bench, saves, assumed, others);
  if (/^# Warning: iptables-legacy tables present/m.test(source.text))
    bench.assumptions.add('The host also has iptables-legacy tables, which are not in this input');
  const passages: readonly Passage[] =
    bench.nftText.length === 0
      ? []
      : [{ format: 'nftables', dialect: 'nft-commands', pieces: bench.nftText }];
  if (runner.rules === 0 && ruleset.tables.size === 0 && bench.sets.size === 0 && passages.length === 0)
    reporter.add({ code: 'FW1005', severity: 'error', message: 'no rule was found in this input' });
  const sets = bench.sets.toSets(runner.grownSets, runner.shrunkSets);
  return {
    firewall: buildFirewall(options.dialect ?? detection.dialect, ruleset, sets, [...bench.assumptions]),
    diagnostics: reporter.diagnostics,
    rules: runner.rules,
    understood: runner.understood,
    families: coveredFamilies(ruleset),
    ...(passages.length === 0 ? {} : { passages }),
  };
}

/** Dumps and listings, each part by its kind. */
function readSegments(
  bench: Workbench,
  saves: SaveReader,
  assumed: Family | undefined,
  others: OtherReaders,
): void {
  const { reporter, source } = bench;
  for (const segment of segmentsOf(source.text)) {
    switch (segment.kind) {
      case 'save':
        saves.read(segment.start, segment.end, assumed, {
          ...(segment.family === undefined ? {} : { family: segment.family }),
          ...(segment.nftRelease === undefined ? {} : { nftRelease: segment.nftRelease }),
        });
        break;
      case 'rules':
        readRules(bench, segment, assumed);
        break;
      case 'stray':
        reporter.add(
          {
            code: 'FW1004',
            severity: 'error',
            message: 'this line belongs to no form of export that fw-audit knows',
          },
          { source: source.id, start: segment.start, end: segment.end },
        );
        break;
      default:
        others.segment(bench, { ...segment, kind: segment.kind }, assumed);
    }
  }
}

/** The family of an export that does not tell: the dialect the user named, or the file's usual name (`rules.v6`). */
function assumedFamily(source: Source, options: ReadOptions): Family | undefined {
  if (options.dialect?.startsWith('ip6') === true) return 'ipv6';
  if (options.dialect?.startsWith('iptables') === true) return 'ipv4';
  const name = source.path.slice(source.path.lastIndexOf('/') + 1);
  if (/v6\b|ip6/i.test(name)) return 'ipv6';
  return /v4\b/i.test(name) ? 'ipv4' : undefined;
}
