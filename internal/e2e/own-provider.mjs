// A partner without a known directory, with an OpenID Provider of its own:
// added by hand, tested, verified by the operator, and signed in at.
import { check, home, newWindow, press, setup, signIn, text } from "./browser.mjs";
import { field, fill, submitForm, navigateTo, followLink } from "./forms.mjs";
import { inspectAdminPage } from "./configure.mjs";

// askHelper makes the test's Go side act as the partner or as the operator.
const askHelper = async (what) => (await fetch(`${setup.quay}/${what}`)).json();

export async function ownProvider(lena) {
  await navigateTo(lena, "Connected organizations");
  await followLink(lena, "New connected organization");
  await fill(lena, "Name", "Quay Partners");
  await fill(lena, "Description", "Transport");
  await submitForm(lena, "Next: Directory + domain");
  await fill(lena, "Domain", "quay.example");
  await submitForm(lena, "Look up");
  await lena.getByText("No directory found for quay.example").waitFor();
  await inspectAdminPage(lena, "provider-new-1");
  await submitForm(lena, "Add an OpenID Provider");
  const callback = await field(lena, "Callback address (register it at the provider)").inputValue();
  const { issuer, client, secret } = await askHelper(`serve?callback=${encodeURIComponent(callback)}`);
  await fill(lena, "Provider name", "Quay Partners");
  await fill(lena, "Issuer", issuer.replace("127.0.0.1", "10.0.0.1"));
  await fill(lena, "Client ID", client);
  await fill(lena, "Client secret", secret);
  await submitForm(lena, "Test connection");
  check((await text(lena)).includes("Failed"), "an address inside the network passes the test");
  await inspectAdminPage(lena, "provider-new-fault");
  await fill(lena, "Issuer", issuer);
  await submitForm(lena, "Test connection");
  await lena.getByText("The provider's settings can be read.").waitFor();
  check(!(await text(lena)).includes("Failed"), `the test of the connection fails: ${await text(lena)}`);
  check(!(await lena.content()).includes(secret), "the secret is shown");
  await inspectAdminPage(lena, "provider-new-2");
  await submitForm(lena, "Next: Sponsors");
  await submitForm(lena, "Next: Review + create");
  await inspectAdminPage(lena, "provider-new-3");
  await submitForm(lena, "Create");
  await lena.getByText("quay.example needs verification").first().waitFor();
  await inspectAdminPage(lena, "provider-proof");
  const unverified = await fetch(`${home}/?domain_hint=quay.example`);
  check(!(unverified.url + (await unverified.text())).includes(issuer), "the hint of an unverified domain leads to its provider");
  await askHelper("vouch");
  await partnerSignIn();
}

// partnerSignIn signs in a person of Quay Partners, who has nothing to request
// yet.
async function partnerSignIn() {
  const nils = await newWindow({ javaScriptEnabled: Boolean(setup.scripts), viewport: { width: 390, height: 844 } });
  await nils.goto(`${home}/access-packages`);
  await nils.getByLabel("Work email").fill("nils@quay.example");
  await press(nils, "Continue");
  await signIn(nils, "Nils Sand");
  await nils.getByText("No access packages to request").waitFor();
  await nils.getByText("(nils@quay.example) of Quay Partners").first().waitFor({ state: "attached" });
}
