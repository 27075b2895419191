/** Codes that only pf inputs raise. */
export const pfCodes = {
  FW1301: {
    name: 'pf-refused',
    explanation:
      'pfctl would refuse this line. pf loads a file completely or not at all, so with it nothing of the file would be loaded and the rules from before would stay in force. The report shows what the rest of the file says.',
  },
  FW1302: {
    name: 'pf-unknown-anchor',
    explanation:
      'Rules of this anchor are not in the input: programs add them while pf runs (ftp-proxy, relayd, miniupnpd, com.apple), or they are in a file that was not given. They may pass or block anything the anchor is asked about, so every answer behind it is "possible".',
  },
  FW1303: {
    name: 'pf-dialect-dependent',
    explanation:
      'OpenBSD, FreeBSD and macOS read this construct differently, and nothing in the input says which one it is for. Name it with --dialect; until then the answer is "possible" where they differ.',
  },
  FW1304: {
    name: 'pf-interface-address',
    explanation:
      'The rule speaks of the addresses of an interface, which the input does not hold. Give them with --local-address IFACE=ADDRESS (and IFACE=NETWORK/PREFIX for its network).',
  },
  FW1305: {
    name: 'pf-host-name',
    explanation:
      'pfctl looks the name up once, when it loads the file, and the addresses stay until the next load. fw-audit never looks names up, so what matches is unknown.',
  },
  FW1306: {
    name: 'pf-list-of-negations',
    explanation:
      'A list becomes one rule for each item, and a packet needs to match only one of them: { !a, !b } is everything. A table is the way to say "none of these".',
  },
  FW1307: {
    name: 'pf-file-not-read',
    explanation: 'A file that the rules include or load was not read, so what it adds is unknown.',
  },
  FW1308: {
    name: 'pf-unknown-name',
    explanation:
      'The name of a service, protocol or ICMP type is not in the tables that fw-audit holds. pfctl looks it up on the host; what the rule matches is unknown here.',
  },
  FW1309: {
    name: 'pf-table-content',
    explanation:
      'The content of the table is not in the input, or not all of it: it persists across loads, comes from a file, or grows while pf runs. Give it with --table NAME=FILE (pfctl -t NAME -T show).',
  },
  FW1310: {
    name: 'pf-no-state',
    explanation:
      'A pass rule with "no state" lets packets pass one by one. The answers to them are new packets to pf, which only another rule passes; without one the port is reached but no connection comes about.',
  },
  FW1311: {
    name: 'pf-disabled',
    explanation:
      'The input says that pf is switched off ("Status: Disabled", as on a macOS that nobody has set up). It filters nothing then, whatever rules are loaded; pfctl -e switches it on.',
  },
  FW1312: {
    name: 'pf-translation-only',
    explanation:
      'The input is what pfctl -sn prints: nat, rdr and binat rules, and no filter. A pf whose filter has no rules passes everything, and that is what is shown; where it has some, they decide what is open. Give the output of pfctl -sr too: behind it in one file, or as a file of its own with --host.',
  },
  FW1313: {
    name: 'pf-comment-goes-on',
    explanation:
      'A comment that ends in a backslash goes on in the next line (lgetc of parse.y joins lines before comments are cut off), so what stands there is no statement to pf. fw-audit reads it the same way.',
  },
} as const;
