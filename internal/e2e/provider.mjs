// An independent OpenID Provider (oidc-provider) with a sign-in page
// that lists its accounts. Configured by one JSON argument:
//   {port, client, secret, redirects, signedOut, accounts}
// accounts is a file with [{sub, name, email}], read at every sign-in, so
// that a test can change a person.
import fs from "node:fs";
import http from "node:http";
import { Provider } from "oidc-provider";

const config = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${config.port}`;
const accounts = () => JSON.parse(fs.readFileSync(config.accounts, "utf8"));
const escape = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const provider = new Provider(issuer, {
  clients: [{
    client_id: config.client, client_secret: config.secret,
    redirect_uris: config.redirects, post_logout_redirect_uris: [config.signedOut],
  }],
  cookies: { keys: ["for tests only"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes">Leave</button>`;
      },
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, sub) => {
    const found = accounts().find((a) => a.sub === sub);
    return found && { accountId: sub, claims: () => ({ sub, name: found.name, email: found.email, email_verified: true }) };
  },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
const server = http.createServer(async (req, res) => {
  if (!req.url.startsWith("/interaction/")) return answer(req, res);
  if (req.method === "POST") {
    let body = "";
    for await (const chunk of req) body += chunk;
    const accountId = new URLSearchParams(body).get("sub");
    return provider.interactionFinished(req, res, { login: { accountId } }, { mergeWithLastSubmission: false });
  }
  const { params } = await provider.interactionDetails(req, res);
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.end(`<!doctype html><html lang="en"><title>Sign in</title><main><h1>Sign in</h1><p id="hint">${escape(params.login_hint ?? "")}</p>` +
    accounts().map((a) => `<form method="post"><button name="sub" value="${escape(a.sub)}">${escape(a.name)}</button></form>`).join("") + "</main></html>");
});
server.listen(config.port, "127.0.0.1", () => console.log(JSON.stringify({ issuer })));
