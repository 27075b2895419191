import { readLine } from '../../../grammars/iptables/restore-grammar.ts';
import type { Family } from '../../packets/fields.ts';
import type { Format } from '../format.ts';
import { detectIptables } from './detect.ts';
import { readIpsetList, readIpsetSave } from './ipset/read-ipset.ts';
import { type OtherSegment, readExport } from './read-export.ts';
import { readListing } from './read-listing.ts';
import { ScriptRunner } from './script/run-script.ts';
import type { Workbench } from './workbench.ts';

function readSegment(bench: Workbench, segment: OtherSegment, assumed: Family | undefined): void {
  const { source, reporter } = bench;
  switch (segment.kind) {
    case 'listing':
      readListing(bench, segment, assumed);
      break;
    case 'ipset-save':
      readIpsetSave(source, segment.start, segment.end, bench.sets, reporter);
      break;
    case 'ipset-list':
      readIpsetList(source, segment.start, segment.end, bench.sets, reporter);
      break;
  }
}

/** iptables and ip6tables in every form they are exported in, and the ipsets beside them. */
export const iptablesFormat: Format = {
  name: 'iptables',
  title: 'iptables, ip6tables and ipset',
  detect: detectIptables,
  read: (source, detection, options) =>
    readExport(source, detection, options, {
      line: readLine,
      script: (bench, saves) => {
        new ScriptRunner(bench, saves).run();
      },
      segment: readSegment,
    }),
};
