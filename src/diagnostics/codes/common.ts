/** Codes that any input can raise. */
export const commonCodes = {
  FW1001: {
    name: 'unreadable-input',
    explanation: 'The file could not be opened or read; nothing is known about what it opens.',
  },
  FW1002: {
    name: 'undecodable-input',
    explanation:
      'The bytes are not text in any encoding that firewall exports use, or hold a NUL byte. Real tools cut a line at a NUL, so fw-audit refuses rather than guess.',
  },
  FW1003: {
    name: 'unrecognised-input',
    explanation: 'No known export format fits the content. Name one with --input-format if you know better.',
  },
  FW1004: {
    name: 'not-understood',
    explanation:
      'A part of a rule is unknown to fw-audit. The rule is kept: it may match or not, and every answer that hangs on it is "possible".',
  },
  FW1005: {
    name: 'no-rules',
    explanation:
      'The format was recognised but no rule was found. That is reported, never taken to mean "closed".',
  },
  FW1006: {
    name: 'input-too-large',
    explanation: 'A size limit that protects the machine was reached; nothing after it was read.',
  },
  FW1007: {
    name: 'too-complex',
    explanation:
      'The packet sets needed more memory than --max-nodes allows, so no answer is given rather than a partial one.',
  },
  FW1008: {
    name: 'jump-cycle',
    explanation:
      'Chains jump in a circle. The kernel refuses such a rule set; every packet that can enter the circle is "possible".',
  },
  FW1009: {
    name: 'missing-chain',
    explanation:
      'A rule jumps to a chain that the input does not define. The real tool refuses it; what the chain would do is unknown.',
  },
  FW1010: {
    name: 'missing-set',
    explanation: 'A rule uses a named set that no input defines. Its content is unknown, never empty.',
  },
  FW1011: {
    name: 'assumed-encoding',
    explanation:
      'The bytes are not UTF-8, so a Windows code page was assumed. Only letters beyond ASCII, in names and comments, depend on it.',
  },
  FW1012: {
    name: 'template',
    explanation:
      'The file is a template (Jinja, ERB, Go): which rules it makes is known only to the tool that fills it in. It was skipped; audit what the tool writes.',
  },
} as const;
