/** Codes of `--listeners`. */
export const listenerCodes = {
  FW1501: {
    name: 'listener-line-not-read',
    explanation:
      'A line of the list of listeners is none that fw-audit can read; whoever listens there is missing from the report.',
  },
  FW1502: {
    name: 'listeners-not-recognised',
    explanation:
      'The file given with --listeners is no list of sockets that fw-audit knows, so nothing is said about who listens.',
  },
  FW1503: {
    name: 'listeners-without-processes',
    explanation:
      'The list does not name the processes of some listeners. Most systems show the processes of other users only to root or an administrator.',
  },
  FW1504: {
    name: 'listeners-of-which-host',
    explanation:
      'The inputs describe several hosts, and one list of listeners cannot belong to all of them, so it is not used.',
  },
} as const;
