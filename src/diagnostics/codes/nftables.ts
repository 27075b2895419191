/** Codes that only nftables inputs raise. */
export const nftablesCodes = {
  FW1201: {
    name: 'nft-refuses',
    explanation:
      'nft would refuse this place, and one error anywhere makes nft load nothing of the whole file. fw-audit still reads the rest and answers for it, as if the place were mended.',
  },
  FW1202: {
    name: 'include-not-read',
    explanation:
      'An included file was not read. Everything that could stand in it is possible, so every answer it may touch is "possible". Keep included files beside the input or name their folder with --include-root.',
  },
  FW1203: {
    name: 'undefined-variable',
    explanation: 'A $variable has no definition before its use. What it stands for is unknown.',
  },
  FW1204: {
    name: 'outside-ip-filtering',
    explanation:
      'Tables of the families bridge and arp do not filter routed IP packets. Their rules were read and take no part in the answers; bridged traffic is not analysed.',
  },
  FW1205: {
    name: 'dormant-table',
    explanation: 'A table with the flag dormant is not hooked into the kernel: its base chains do nothing.',
  },
  FW1206: {
    name: 'set-content-unknown',
    explanation:
      'A set or map has no elements in this input, which a terse listing (nft -t) writes for every set, or rules change it while packets pass. Its content is unknown, never taken to be empty.',
  },
  FW1207: {
    name: 'opaque-extension',
    explanation:
      'The table was made by iptables-nft, and nft cannot print what this extension does. The rule may match or not. Export such a table with iptables-save, which prints all of it.',
  },
  FW1208: {
    name: 'unknown-handle',
    explanation:
      'A command names a rule or object by a handle that this input does not show. The rule it replaces or deletes cannot be found here.',
  },
  FW1209: {
    name: 'prior-state-unknown',
    explanation:
      'The script adds to whatever the kernel already holds: it does not begin with "flush ruleset". The answers hold for a host where nothing else was loaded.',
  },
  FW1210: {
    name: 'equal-priority',
    explanation:
      'Two base chains of one hook have the same priority and one changes what the other may read. The kernel runs the one registered later first; a listing does not record the order, so the order of the file was taken.',
  },
  FW1211: {
    name: 'number-compared-flags',
    explanation:
      'A list of flags behind "!=" is compared as one number: "ct state != new,established" is true of every packet. Braces make a set: "ct state != { new, established }".',
  },
  FW1212: {
    name: 'nft-line-ends',
    explanation:
      'The file has CRLF line ends or a byte order mark, which nft refuses; it was read as if they were not there.',
  },
  FW1213: {
    name: 'listed-flags',
    explanation:
      'nft lists a comparison with several flags, "ct state == new,established", as "ct state established | new". Read back that means any of them, while the comparison asks for all at once, which no packet has. A listing does not tell which it was, so the rule is possible. "nft -j list ruleset" tells.',
  },
} as const;
