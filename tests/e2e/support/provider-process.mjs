// A real OpenID provider as a process of its own: whoever types a name is that name. Its clients stand on the command line as JSON.
// Knows nothing of the office.
import { createServer } from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";

const clients = JSON.parse(process.argv[2]);
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  pkce: { required: () => true },
  cookies: { keys: ["only for stories"] },
  features: { devInteractions: { enabled: false } },
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: `${id}.user` }) }),
  interactions: { url: (_, { uid }) => `/sign-on/${uid}` },
  ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 60, AuthorizationCode: 60, IdToken: 60 },
  // Nobody is asked what the office may know: it is the office's own provider.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});
const rest = provider.callback();

const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>单位统一身份</title>
<h1>单位统一身份</h1>
<form method="post"><input name="login" autofocus required><button name="go" value="in">登录</button></form>
<form method="post"><button name="go" value="out">取消</button></form>`;

server.on("request", (request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

async function answer(request, response) {
  if (!request.url.startsWith("/sign-on/")) return rest(request, response);
  if (request.method === "GET") return response.writeHead(200, { "content-type": "text/html" }).end(page);
  let body = "";
  for await (const chunk of request) body += chunk;
  const form = new URLSearchParams(body);
  const refused = { error: "access_denied", error_description: "the person said no" };
  const result = form.get("go") === "in" ? { login: { accountId: form.get("login") } } : refused;
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

console.log(`issuer ${issuer}`);
