/** Codes that only iptables inputs raise. */
export const iptablesCodes = {
  FW1101: {
    name: 'refused-line',
    explanation:
      'iptables refuses this line, and iptables-restore then loads nothing of the table it stands in. fw-audit keeps the rule as one that may match or not, and reads on.',
  },
  FW1102: {
    name: 'missing-commit',
    explanation:
      'A table of an iptables-save file has no COMMIT line, so iptables-restore applies nothing of it. What the table holds on the host is not known; it is taken to accept.',
  },
  FW1103: {
    name: 'table-replaced',
    explanation:
      'The same table occurs again later in the input. iptables-restore flushes a table before it loads it, so the earlier section has no effect.',
  },
  FW1104: {
    name: 'unknown-policy',
    explanation:
      'The input does not say what happens at the end of a built-in chain. iptables-nft-restore sets ACCEPT, iptables-legacy-restore keeps what the host had; ACCEPT is assumed.',
  },
  FW1105: {
    name: 'other-family',
    explanation:
      'A rule marked -4 or -6 stands in the file of the other family; iptables-restore skips it silently, and so does fw-audit.',
  },
  FW1106: {
    name: 'unterminated-quote',
    explanation:
      'A double quote is not closed, so iptables takes the rest of the line as part of the quoted word; options written there have no effect.',
  },
  FW1107: {
    name: 'old-syntax',
    explanation:
      'The line uses a spelling that only older iptables releases take (an exclamation mark behind the option, a value glued to its letter). It is read as those releases read it.',
  },
  FW1108: {
    name: 'line-too-long',
    explanation:
      'iptables-restore reads 10,239 bytes of a line, 1,023 of a word and 250 words; it refuses what is longer, and then loads nothing of the table.',
  },
  FW1109: {
    name: 'crlf-line-ends',
    explanation:
      'The lines end with carriage return and line feed. iptables-restore takes the carriage return as part of the last word and refuses the file; fw-audit reads it as if the line ends were plain.',
  },
  FW1110: {
    name: 'unresolved-name',
    explanation:
      'A host or service name stands where an address or port is needed. iptables looks it up when the rule is loaded; fw-audit never asks a name server, so the condition is unknown.',
  },
  FW1111: {
    name: 'never-matches',
    explanation: 'The condition holds for no packet, so the rule has no effect.',
  },
  FW1112: {
    name: 'failed-command',
    explanation:
      'The command would fail when it runs (a chain that does not exist, a rule number past the end) and change nothing. In a file, iptables-restore stops there: it loads nothing of the table, nor the tables behind it.',
  },
  FW1113: {
    name: 'table-assumed',
    explanation:
      'The listing does not name its table, which was told from the built-in chains it holds or taken to be filter.',
  },
  FW1114: {
    name: 'unresolved-script',
    explanation:
      'A shell script does something that fw-audit does not follow (a command substitution, an unknown variable, a condition). Rules that hang on it are kept as possible.',
  },
  FW1115: {
    name: 'columns-missing',
    explanation:
      'A listing without -v does not show interfaces, so a rule that looks open to everyone may speak of the loopback interface only.',
  },
  FW1116: {
    name: 'set-syntax',
    explanation:
      'A line of an ipset dump is not understood or would be refused; the set is treated as one whose content is not fully known.',
  },
  FW1117: {
    name: 'inverted-ports-combined',
    explanation:
      'iptables-nft 1.8.8 to 1.8.10 compares both ports at once when --sport and --dport are both inverted, so the rule leaves out only packets that have both, not those that have either. iptables-legacy and all other releases read the rule as it is written.',
  },
  FW1118: {
    name: 'inverted-whole-port-range',
    explanation:
      'No port lies outside 0 to 65535, so "! --dport 0:65535" fits nothing. iptables-nft 1.8.8 to 1.8.10 leaves a range of all ports out even where it is inverted, and then the rule fits every packet of its protocol: a DROP that was meant for malformed packets drops all. iptables-legacy and all other releases read the rule as it is written.',
  },
  FW1119: {
    name: 'port-too-large',
    explanation:
      'A port above 65535. The matches udp and dccp, and the ports of conntrack, ask getaddrinfo for it, and that of glibc keeps the lowest 16 bits: "-p udp --dport 70000" is loaded as port 4464. So it is read here; with another C library, musl for one, iptables refuses the line. The matches tcp, sctp and multiport refuse it everywhere.',
  },
} as const;
