/** Codes that only windows inputs raise. */
export const windowsCodes = {
  FW1401: {
    name: 'unknown-netsh-language',
    explanation:
      'netsh translates its labels, and these are in a language (or an encoding) that fw-audit has no table for. No rule was read; export as .reg or with PowerShell, whose words are never translated.',
  },
  FW1402: {
    name: 'binary-policy-file',
    explanation:
      'The file is a binary firewall policy (.wfw, a registry hive) whose rules could not be read. The message says how to export something readable.',
  },
  FW1403: {
    name: 'dimensions-not-exported',
    explanation:
      'This kind of export leaves out properties that can narrow a rule (program, service, ports …). Rules are read as they stand and every answer that hangs on a missing property is "possible".',
  },
  FW1404: {
    name: 'value-lost-in-export',
    explanation:
      'The export replaced a list by the name of its type (System.String[]). What it held is gone, so the rule may mean any value.',
  },
  FW1405: {
    name: 'rule-ignored-by-windows',
    explanation:
      'The rule lacks a part that Windows requires (an action, a direction), so Windows itself ignores it and so does fw-audit.',
  },
  FW1406: {
    name: 'conflicting-values',
    explanation:
      'A property that may stand once stands several times with different values, as a forged name or description can make it look. The rule is kept but only "possible".',
  },
  FW1407: {
    name: 'impossible-combination',
    explanation:
      'The rule combines properties that do not go together, such as ports with a protocol that has none. Windows may refuse it, so it is only "possible".',
  },
  FW1408: {
    name: 'listing-cut-short',
    explanation:
      'The end that a complete listing has is missing. Rules may follow that fw-audit has not seen, and each of them can open or close ports.',
  },
  FW1409: {
    name: 'unmatched-filter',
    explanation:
      'A port, address or other filter belongs to no rule of the input, or a rule has several that differ. Rules and filters are joined by InstanceID.',
  },
  FW1410: {
    name: 'direction-not-exported',
    explanation:
      'The list has no direction column (the management console leaves it out), so a rule may be inbound or outbound.',
  },
  FW1411: {
    name: 'local-rules-ignored',
    explanation:
      'Group policy forbids local rules in a profile (AllowLocalPolicyMerge 0), so the local ones, allowing or blocking, have no effect there.',
  },
  FW1412: {
    name: 'policy-setting-not-understood',
    explanation:
      'A firewall setting of a profile has a value that fw-audit does not know. Windows’ default was taken for it.',
  },
  FW1413: {
    name: 'command-not-understood',
    explanation:
      'A line of a command file is no netsh advfirewall command that fw-audit knows. If it changes the firewall, the answer lacks that change.',
  },
} as const;
