import { type Answer, decodePath, type Exchange, type Surface, text } from './exchange.ts';
import type { IdTokens } from './id-tokens.ts';
import type { Tokens } from './tokens.ts';

const ROOT = '/computeMetadata/v1';
const HEADERS = {
  'metadata-flavor': 'Google',
  server: 'Metadata Server for VM',
};
const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

/** What the metadata server says, and switches for its bad days; all may be set at any time. */
export interface MetadataSettings {
  projectId: string;
  numericProjectId: string;
  email: string;
  /** The service account's unique id: `sub` and `azp` of its ID tokens. */
  accountId: string;
  universeDomain: string;
  /** Lifetime of new access tokens, in seconds. */
  expiresIn: number;
  /** Answers nothing, ever, to any metadata request. */
  hang: boolean;
  /** Answers this HTTP status to each request about the service account, tokens first of all. */
  status: number | undefined;
}

export function metadataSettings(): MetadataSettings {
  return {
    projectId: 'my-project',
    numericProjectId: '123456789012',
    email: 'cancel-hook@my-project.iam.gserviceaccount.com',
    accountId: '113456789012345678901',
    universeDomain: 'googleapis.com',
    expiresIn: 3599,
    hang: false,
    status: undefined,
  };
}

/**
 * The metadata server, after https://cloud.google.com/compute/docs/metadata/overview: it refuses
 * requests without `Metadata-Flavor: Google` and those that came through a proxy.
 */
export function metadataServer(
  settings: MetadataSettings,
  tokens: Tokens,
  idTokens: IdTokens,
): Surface {
  const account = (exchange: Exchange, key: string): Answer => {
    if (settings.status !== undefined) return plain('Service Unavailable\n', settings.status);
    const { email } = settings;
    if (key === 'token') {
      const expires_in = settings.expiresIn;
      return data({
        access_token: tokens.issue(expires_in),
        expires_in,
        token_type: 'Bearer',
      });
    }
    if (key === 'identity') return identity(exchange, settings, idTokens);
    if (key === 'email') return plain(email);
    if (key === 'scopes') return plain(`${SCOPES.join('\n')}\n`);
    if (key === 'aliases') return plain('default\n');
    if (key !== '') return notFound();
    return exchange.query.get('recursive') === 'true'
      ? data({ aliases: ['default'], email, scopes: SCOPES })
      : plain('aliases\nemail\nidentity\nscopes\ntoken\n');
  };

  return (exchange) => {
    if (exchange.path === '/') return plain('computeMetadata/\n');
    if (!`${exchange.path}/`.startsWith(`${ROOT}/`)) return undefined;
    if (settings.hang) return 'hang';
    if (exchange.headers['metadata-flavor'] !== 'Google' || exchange.headers['x-forwarded-for']) {
      return plain('Your client does not have permission to get this URL.\n', 403);
    }
    const path = (decodePath(exchange.path) ?? '').slice(ROOT.length).replace(/\/$/, '');
    const [, name, key = ''] =
      /^\/instance\/service-accounts\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (name === 'default' || name === settings.email) return account(exchange, key);
    return constants(settings).get(path) ?? notFound();
  };
}

function constants(settings: MetadataSettings): Map<string, Answer> {
  return new Map([
    ['', plain('instance/\nproject/\nuniverse/\n')],
    ['/instance', plain('id\nregion\nservice-accounts/\nzone\n')],
    ['/instance/id', plain('4520031799277581759')],
    ['/instance/region', plain(`projects/${settings.numericProjectId}/regions/us-central1`)],
    ['/instance/zone', plain(`projects/${settings.numericProjectId}/zones/us-central1-1`)],
    ['/instance/service-accounts', plain(`default/\n${settings.email}/\n`)],
    ['/project', plain('numeric-project-id\nproject-id\n')],
    ['/project/project-id', plain(settings.projectId)],
    ['/project/numeric-project-id', plain(settings.numericProjectId)],
    ['/universe', plain('universe-domain\n')],
    ['/universe/universe-domain', plain(settings.universeDomain)],
  ]);
}

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity: `email` comes with `format=full` only. */
function identity({ query }: Exchange, settings: MetadataSettings, idTokens: IdTokens): Answer {
  const audience = query.get('audience');
  if (!audience) return plain('non-empty audience parameter required\n', 400);
  const { accountId, email } = settings;
  const full = query.get('format') === 'full' ? { email, email_verified: true } : {};
  return plain(idTokens.mint({ aud: audience, azp: accountId, sub: accountId, ...full }));
}

function plain(body: string, status = 200): Answer {
  return text(body, 'application/text', HEADERS, status);
}

function data(value: unknown): Answer {
  return text(JSON.stringify(value), 'application/json', HEADERS);
}

function notFound(): Answer {
  return plain('Not Found\n', 404);
}
