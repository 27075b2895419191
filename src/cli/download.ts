/** Bounds that protect the machine from a slow or endless answer. */
export interface DownloadLimits {
  /** The answer's body, decoded. */
  readonly maxBytes: number;
  /** Without a byte for so long, the download is given up. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export interface DownloadOptions {
  readonly limits: DownloadLimits;
  /** Plain http is allowed. */
  readonly insecure: boolean;
  readonly progress: (bytes: number, total: number | undefined) => void;
}

export type Download =
  | { readonly kind: 'done'; readonly bytes: Uint8Array; readonly url: string }
  /** `why` is a sentence without the address. */
  | { readonly kind: 'failed'; readonly why: string };

const mostRedirects = 5;

/** Fetches one address. Each redirect is checked like the first address: https does not lead to http. */
export async function download(address: string, options: DownloadOptions): Promise<Download> {
  const { limits } = options;
  const controller = new AbortController();
  const totalTimer = setTimeout(() => controller.abort(new Timeout(limits.totalMs)), limits.totalMs);
  let idleTimer = setTimeout(() => controller.abort(new Timeout(limits.idleMs)), limits.idleMs);
  const alive = (): void => {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => controller.abort(new Timeout(limits.idleMs)), limits.idleMs);
  };
  try {
    let url = address;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const refused = refuse(url, options.insecure);
      if (refused !== undefined) return { kind: 'failed', why: refused };
      const response = await fetch(url, {
        redirect: 'manual',
        signal: controller.signal,
        headers: { accept: 'text/csv, */*;q=0.1', 'user-agent': 'fw-audit' },
      });
      alive();
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (!URL.canParse(location, url))
          return { kind: 'failed', why: 'the server redirects to no address' };
        url = new URL(location, url).href;
        continue;
      }
      if (!response.ok) {
        await response.body?.cancel();
        return {
          kind: 'failed',
          why: `the server answers ${response.status} ${response.statusText}`.trimEnd(),
        };
      }
      return await readBody(response, url, options, alive);
    }
    return { kind: 'failed', why: `more than ${mostRedirects} redirects` };
  } catch (error) {
    return { kind: 'failed', why: reasonOf(controller.signal.reason ?? error) };
  } finally {
    clearTimeout(totalTimer);
    clearTimeout(idleTimer);
    controller.abort();
  }
}

class Timeout extends Error {
  constructor(milliseconds: number) {
    super(`no complete answer within ${Math.round(milliseconds / 100) / 10} seconds`);
  }
}

function refuse(url: string, insecure: boolean): string | undefined {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'https:' || (protocol === 'http:' && insecure)) return undefined;
  if (protocol === 'http:') {
    return 'http is not encrypted, so anyone on the way could change the data; use https, or --insecure if you must';
  }
  return protocol === '' ? 'it is no address' : `${protocol.slice(0, -1)} is not supported; use https`;
}

async function readBody(
  response: Response,
  url: string,
  { limits, progress }: DownloadOptions,
  alive: () => void,
): Promise<Download> {
  const tooLarge: Download = {
    kind: 'failed',
    why: `the answer is larger than ${Math.round(limits.maxBytes / 1e6)} MB; this is not the registry`,
  };
  // With a content encoding the length counts encoded bytes.
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = encoded || !Number.isFinite(length) ? undefined : length;
  if (total !== undefined && total > limits.maxBytes) return tooLarge;
  const chunks: Uint8Array[] = [];
  let received = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      alive();
      received += chunk.length;
      if (received > limits.maxBytes) return tooLarge;
      chunks.push(chunk);
      progress(received, total);
    }
  }
  if (total !== undefined && received < total) {
    return { kind: 'failed', why: `the connection ended after ${received} of ${total} bytes` };
  }
  return { kind: 'done', bytes: Buffer.concat(chunks), url };
}

const causes = new Map([
  ['ENOTFOUND', 'the host name is unknown'],
  ['EAI_AGAIN', 'the host name cannot be looked up now'],
  ['ECONNREFUSED', 'the server refuses the connection'],
  ['ECONNRESET', 'the connection broke off'],
  ['UND_ERR_SOCKET', 'the connection broke off'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the server does not answer'],
  ['ETIMEDOUT', 'the server does not answer'],
  ['ENETUNREACH', 'there is no network'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is not trusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate is not trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate is not trusted'],
  ['CERT_HAS_EXPIRED', 'the certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host'],
]);

/** undici wraps the cause: `fetch failed` and `terminated` say nothing by themselves. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Timeout) return error.message;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? String(cause.code) : '';
  return causes.get(code) ?? (code === '' ? cause.message : `${cause.message} (${code})`);
}
