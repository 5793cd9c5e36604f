// The certified provider on the loopback: node provider.mjs <modules> <client's address to return to>.
// Whoever comes is whom the last POST to /as said: {"sub": …, "claims": {…}, "amr": […]}.
import http from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , modules, back] = process.argv;
const { default: Provider } = await import(pathToFileURL(createRequire(`${modules}/x.js`).resolve("oidc-provider")).href);
let who = { sub: "nobody", claims: {}, amr: [] };

const server = http.createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "cessio", client_secret: "the secret of cessio there", redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] }],
  claims: { openid: ["sub", "groups", "amr"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, amr: who.amr, ...who.claims }) }),
});
const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.url === "/as") {
    let body = "";
    for await (const part of request) body += part;
    who = JSON.parse(body);
    response.end("{}");
  } else if (request.url.startsWith("/interaction/")) {
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") {
      await provider.interactionFinished(request, response, { login: { accountId: who.sub, amr: who.amr } }, { mergeWithLastSubmission: false });
    } else {
      const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: who.sub, clientId: params.client_id });
      grant.addOIDCScope("openid email profile");
      await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
    }
  } else {
    answer(request, response);
  }
});
console.log(issuer);
