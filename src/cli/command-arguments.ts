/** What the command line hands to each command: plain data, already checked against the options' declared types. */

/** `fw-audit explain <port[/proto] | code>...` */
export interface ExplainArguments {
  /** As typed: `3092`, `53/udp`, `8000-8010/tcp`, `FW2001`. */
  readonly subjects: readonly string[];
  readonly format: 'terminal' | 'json' | 'markdown';
  /** `--registry FILE`. */
  readonly registry?: string | undefined;
}

/** `fw-audit ports [<range>]` */
export interface PortsArguments {
  /** As typed: `8000-8100`, `443`; undefined means all ports. */
  readonly range: string | undefined;
  readonly unassigned: boolean;
  readonly stats: boolean;
  readonly format: 'terminal' | 'json' | 'csv';
  /** `--status NAME`: only ports that have it on TCP or UDP. */
  readonly status?: string | undefined;
  /** `--search WORD`: only ports whose service, description or known use holds the word. */
  readonly search?: string | undefined;
  /** `--suggest N`: so many free ports for a service of one's own. */
  readonly suggest?: number | undefined;
  /** `--registry FILE`. */
  readonly registry?: string | undefined;
}

/** `fw-audit registry [update] [--from FILE|URL]` */
export interface RegistryArguments {
  readonly action: 'show' | 'update';
  /** A file or URL of IANA's CSV; undefined means IANA's own address. */
  readonly from: string | undefined;
  readonly format: 'terminal' | 'json';
  /** `--insecure`: http without TLS is allowed. */
  readonly insecure?: boolean;
  /** `--registry FILE`, for `show`. */
  readonly registry?: string | undefined;
}

/** `fw-audit policy check|suggest|init|evidence [paths...]` */
export interface PolicyArguments {
  readonly action: 'check' | 'suggest' | 'init' | 'evidence';
  /** `check`: policy files; otherwise the exports to look at. */
  readonly paths: readonly string[];
  /** `--policy FILE`; false for `--no-policy`; undefined: the nearest `fw-audit.yaml` upwards. */
  readonly policy: string | false | undefined;
  readonly output: string | undefined;
  readonly today: string | undefined;
  /** `markdown` and `csv` only for `evidence`. */
  readonly format: 'terminal' | 'json' | 'markdown' | 'csv';
  /** The options of an audit, for all but `check`. */
  readonly audit: AuditArguments;
}

/** Options that say how exports are read and what is asked of them; shared by every command that audits. */
export interface AuditArguments {
  readonly paths: readonly string[];
  /** All inputs describe one host. */
  readonly host: boolean;
  readonly inputFormat: string | undefined;
  readonly dialect: string | undefined;
  readonly ipset: readonly string[];
  /** `NAME=FILE`. */
  readonly table: readonly string[];
  readonly emptyAnchors: boolean;
  readonly define: readonly string[];
  /** `[IFACE=]ADDRESS[/PREFIX]`. */
  readonly localAddress: readonly string[];
  readonly includeRoot: readonly string[];
  /** Empty: the default, `in` and `forward`. */
  readonly direction: readonly ('in' | 'forward' | 'out' | 'all')[];
  readonly loopback: boolean;
  readonly expand: boolean;
  readonly maxNodes: number | undefined;
  readonly maxSize: number | undefined;
  readonly policy: string | false | undefined;
  readonly failOn: 'none' | 'note' | 'low' | 'medium' | 'high';
  readonly today: string | undefined;
  readonly listeners: string | undefined;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly registry: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
}
