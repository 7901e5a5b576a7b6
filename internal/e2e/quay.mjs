// A partner that no known directory has, with an OpenID Provider of its own:
// added by hand, tested, vouched for, and signed in at.
import { check, home, person, press, setup, signIn, text } from "./browser.mjs";
import { field, fill, next, place, to } from "./hand.mjs";
import { see } from "./found.mjs";

// ask has the partner's side, or the operator's, do something.
const ask = async (what) => (await fetch(`${setup.quay}/${what}`)).json();

export async function quay(lena) {
  await place(lena, "Connected organizations");
  await to(lena, "New connected organization");
  await fill(lena, "Name", "Quay Partners");
  await fill(lena, "Description", "Transport");
  await next(lena, "Next: Directory + domain");
  await fill(lena, "Domain", "quay.example");
  await next(lena, "Look up");
  await lena.getByText("No known directory has quay.example").waitFor();
  await see(lena, "provider-new-1");
  await next(lena, "Add an OpenID Provider");
  const callback = await field(lena, "Callback address to register at the provider").inputValue();
  const { issuer, client, secret } = await ask(`serve?callback=${encodeURIComponent(callback)}`);
  await fill(lena, "Name of the provider", "Quay Partners");
  await fill(lena, "Issuer", issuer.replace("127.0.0.1", "10.0.0.1"));
  await fill(lena, "Client id", client);
  await fill(lena, "Client secret", secret);
  await next(lena, "Test the connection");
  check((await text(lena)).includes("Failed"), "an address inside the network passes the test");
  await see(lena, "provider-new-fault");
  await fill(lena, "Issuer", issuer);
  await next(lena, "Test the connection");
  await lena.getByText("The provider answers with its settings.").waitFor();
  check(!(await text(lena)).includes("Failed"), `the test of the connection fails: ${await text(lena)}`);
  check(!(await lena.content()).includes(secret), "the secret is shown");
  await see(lena, "provider-new-2");
  await next(lena, "Next: Sponsors");
  await next(lena, "Next: Review + create");
  await see(lena, "provider-new-3");
  await next(lena, "Create");
  await lena.getByText("quay.example waits for its proof").first().waitFor();
  await see(lena, "provider-proof");
  const unproved = await fetch(`${home}/?domain_hint=quay.example`);
  check(!(unproved.url + (await unproved.text())).includes(issuer), "the hint of a domain that is not proved leads to its provider");
  await ask("vouch");
  await partner();
}

// partner is somebody of Quay Partners, who is let in and finds nothing yet.
async function partner() {
  const nils = await person({ javaScriptEnabled: Boolean(setup.scripts), viewport: { width: 390, height: 844 } });
  await nils.goto(`${home}/access-packages`);
  await nils.getByLabel("Work address").fill("nils@quay.example");
  await press(nils, "Continue");
  await signIn(nils, "Nils Sand");
  await nils.getByText("There is nothing for you to request").waitFor();
  await nils.getByText("(nils@quay.example) of Quay Partners").first().waitFor();
}
